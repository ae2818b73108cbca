# Runs a consumer that was built against the moved package, and checks that it links as it should.
#     cmake -D PROGRAM=<program> -D LINK=shared|static -D OBJDUMP=<objdump> -P run_consumer.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${OBJDUMP}" -p "${PROGRAM}" OUTPUT_VARIABLE headers
                COMMAND_ERROR_IS_FATAL ANY)
if(headers MATCHES "NEEDED +libtconv")
    set(found shared)
else()
    set(found static)
endif()
if(NOT found STREQUAL LINK)
    message(FATAL_ERROR "${PROGRAM} has the ${found} library, not the ${LINK} one")
endif()
execute_process(COMMAND "${PROGRAM}" COMMAND_ERROR_IS_FATAL ANY)
