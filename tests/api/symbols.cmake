# The symbols that the shared library exports are those of the committed list, no more and no less.
#     cmake -D NM=<nm> -D LIBRARY=<libtconv.so> -D LIST=<symbols.txt> -P symbols.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${NM}" -D --defined-only "${LIBRARY}" OUTPUT_VARIABLE table
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${table}")
set(exported "")
foreach(line IN LISTS lines)
    if(NOT line MATCHES " A TCONV_[0-9]+$") # the version's own name
        string(REGEX REPLACE "^.* ([^ ]+)$" "\\1" symbol "${line}")
        string(REGEX REPLACE "@.*" "" symbol "${symbol}")
        list(APPEND exported ${symbol})
    endif()
endforeach()

file(STRINGS "${LIST}" listed)
set(extra ${exported})
set(missing ${listed})
list(REMOVE_ITEM extra ${listed} "")
list(REMOVE_ITEM missing ${exported} "")
if(extra OR missing)
    message(FATAL_ERROR "exported but not in symbols.txt: [${extra}], "
                        "in symbols.txt but not exported: [${missing}]")
endif()
