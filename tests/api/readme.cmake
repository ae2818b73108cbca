# Takes the example out of README.md, compiles it as README says against the moved package, and
# compares what it prints with what README shows.
#     cmake -D README=<file> -D WORK=<directory> -D MOVED=<prefix> -D CC=<compiler> -P readme.cmake
cmake_minimum_required(VERSION 3.25)

file(READ "${README}" text)
string(FIND "${text}" "\n## Example\n" at)
if(at EQUAL -1)
    message(FATAL_ERROR "README.md has no section \"Example\"")
endif()
string(SUBSTRING "${text}" ${at} -1 text)

# take(<fence> <variable>): the block that the next such fence opens.
macro(take fence variable)
    string(FIND "${text}" "\n```${fence}\n" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "README.md, section Example: no block of ```${fence}")
    endif()
    string(LENGTH "\n```${fence}\n" length)
    math(EXPR at "${at} + ${length}")
    string(SUBSTRING "${text}" ${at} -1 text)
    string(FIND "${text}" "```" end)
    string(SUBSTRING "${text}" 0 ${end} ${variable})
    math(EXPR end "${end} + 3")
    string(SUBSTRING "${text}" ${end} -1 text)
endmacro()
take(c program)
take(sh commands)
take(text shown)

string(REGEX MATCHALL "\n" newlines "${program}")
list(LENGTH newlines lines)
if(lines GREATER 20)
    message(FATAL_ERROR "the example has ${lines} lines; README.md promises 20")
endif()

file(REMOVE_RECURSE "${WORK}")
file(WRITE "${WORK}/x.c" "${program}")
file(MAKE_DIRECTORY "${WORK}/bin")
file(CREATE_LINK "${CC}" "${WORK}/bin/cc" SYMBOLIC)
set(ENV{PATH} "${WORK}/bin:$ENV{PATH}")
set(ENV{PKG_CONFIG_PATH} "${MOVED}/lib/pkgconfig")
set(ENV{LD_LIBRARY_PATH} "${MOVED}/lib")
execute_process(COMMAND sh -e -c "${commands}" WORKING_DIRECTORY "${WORK}" OUTPUT_VARIABLE printed
                COMMAND_ERROR_IS_FATAL ANY)
if(NOT printed STREQUAL shown)
    message(FATAL_ERROR "the example printed\n${printed}and README.md shows\n${shown}")
endif()
