# Shows that a lint can fail: runs it on something bad and demands every line of EXPECTED in what it
# says, no breach more than those, and a non-zero status.
#     cmake -D LINT=<script> -D EXPECTED=<file> -D "ARGUMENTS=-DROOT=..." -P can_fail.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${CMAKE_COMMAND}" ${ARGUMENTS} -P "${LINT}"
                RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_VARIABLE said)
file(STRINGS "${EXPECTED}" expected)
list(LENGTH expected count)
foreach(line IN LISTS expected)
    string(FIND "${said}" "${line}" at)
    if(at EQUAL -1)
        message(SEND_ERROR "the lint did not say: ${line}")
    endif()
endforeach()
if(status EQUAL 0 OR NOT said MATCHES "lint: ${count} breaches")
    message(FATAL_ERROR "expected a failure with ${count} breaches, got status ${status}:\n${said}")
endif()
