# No mutable globals in the library's objects, but for those of allowed_globals.txt.
#     cmake -D OBJDUMP=<objdump> -D ARCHIVE=<static library> -D ALLOWED=<list> -P globals.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")

set(allowed "")
file(STRINGS "${ALLOWED}" lines REGEX "^[^#]")
foreach(line IN LISTS lines)
    if(NOT line MATCHES "^([A-Za-z0-9_]+) +[^ ]")
        lint_fail("${ALLOWED}" "\"${line}\" is not a symbol and a reason")
    endif()
    list(APPEND allowed ${CMAKE_MATCH_1})
endforeach()

execute_process(COMMAND "${OBJDUMP}" -t "${ARCHIVE}" OUTPUT_VARIABLE table
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" symbols "${table}")
foreach(symbol IN LISTS symbols)
    # value, seven flags (d marks a section's own symbol), section, tab, size, name.
    if(symbol MATCHES "^[0-9a-f]+ [lgu][^d][^d][^d][^d][^d][^d] ([^ \t]+)\t[0-9a-f]+ (.*)$")
        set(section "${CMAKE_MATCH_1}")
        set(name "${CMAKE_MATCH_2}")
        string(REGEX REPLACE "^\\.hidden " "" name "${name}")
        string(REGEX REPLACE "\\.[0-9]+$" "" name "${name}")
        # .data.rel.ro is read-only once the program runs: constant tables of pointers lie there.
        if(section MATCHES "^(\\.[tl]?data|\\.[tl]?bss|\\*COM\\*)" AND
           NOT section MATCHES "^\\.data\\.rel\\.ro" AND NOT name IN_LIST allowed)
            lint_fail("${ARCHIVE}" "${name} in ${section} is a mutable global")
        endif()
    endif()
endforeach()

lint_finish("${symbols}")
