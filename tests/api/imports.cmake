# The shared library neither prints, ends the process nor reads the environment, whatever its
# sources look like: it imports nothing that does.
#     cmake -D NM=<nm> -D LIBRARY=<libtconv.so> -P imports.cmake
cmake_minimum_required(VERSION 3.25)

set(printing "(__)?(f|v|vf|d|vd)?printf(_chk)?|f?puts|f?putc|putchar|fwrite|perror|stdout|stderr")
set(ending "abort|exit|_exit|_Exit|quick_exit|__assert_fail|signal|raise")
set(asking "(secure_)?getenv|setenv|putenv|environ|fopen(64)?|open(64)?")

execute_process(COMMAND "${NM}" -D --undefined-only "${LIBRARY}" OUTPUT_VARIABLE table
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${table}")
set(forbidden "")
foreach(line IN LISTS lines)
    string(REGEX REPLACE "^.* ([^ @]+)(@.*)?$" "\\1" symbol "${line}")
    if(symbol MATCHES "^(${printing}|${ending}|${asking})$")
        list(APPEND forbidden ${symbol})
    endif()
endforeach()
if(forbidden)
    message(FATAL_ERROR "imports [${forbidden}]")
elseif(NOT lines)
    message(FATAL_ERROR "${LIBRARY} imports nothing at all, which cannot be")
endif()
