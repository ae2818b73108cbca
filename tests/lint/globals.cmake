# No mutable globals in the library's objects, but for those of allowed_globals.txt.
#     cmake -D OBJDUMP=<objdump> "-D OBJECTS=<object|...>" -D ALLOWED=<list> -P globals.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")

set(allowed "")
file(STRINGS "${ALLOWED}" lines REGEX "^[^#]")
foreach(line IN LISTS lines)
    if(NOT line MATCHES "^([a-z0-9_/]+\\.c:[A-Za-z0-9_]+) +[^ ]")
        lint_fail("${ALLOWED}" "\"${line}\" is not <file>:<symbol> and a reason")
    endif()
    list(APPEND allowed ${CMAKE_MATCH_1})
endforeach()

function(check_symbol source symbol)
    # value, seven flags (d marks a section's own symbol), section, tab, size, name.
    if(NOT symbol MATCHES "^[0-9a-f]+ [lgu][^d][^d][^d][^d][^d][^d] ([^ \t]+)\t[0-9a-f]+ (.*)$")
        return()
    endif()
    set(section "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    string(REGEX REPLACE "^\\.hidden " "" name "${name}")
    string(REGEX REPLACE "\\.[0-9]+$" "" name "${name}") # a static of a function
    # .data.rel.ro is read-only once the program runs: constant tables of pointers lie there.
    if(section MATCHES "^(\\.[tl]?data|\\.[tl]?bss|\\*COM\\*)" AND
       NOT section MATCHES "^\\.data\\.rel\\.ro" AND NOT "${source}:${name}" IN_LIST allowed)
        lint_fail("${ROOT}/${source}" "${name} in ${section} is a mutable global")
    endif()
endfunction()

string(REPLACE "|" ";" objects "${OBJECTS}")
foreach(object IN LISTS objects)
    string(REGEX REPLACE "^.*\\.dir/(.*)\\.o$" "\\1" source "${object}")
    execute_process(COMMAND "${OBJDUMP}" -t "${object}" OUTPUT_VARIABLE table
                    COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[^\n]+" symbols "${table}")
    foreach(symbol IN LISTS symbols)
        check_symbol("${source}" "${symbol}")
    endforeach()
endforeach()

lint_finish("${symbols}")
