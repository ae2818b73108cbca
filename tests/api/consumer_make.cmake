# Builds and runs the consumer that uses make and pkg-config.
#     cmake -D SOURCE=<tests/api> -D WORK=<directory> -D MOVED=<prefix> -D LINK=shared|static
#           -D CC=<compiler> -D OBJDUMP=<objdump> -P consumer_make.cmake
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(ENV{PKG_CONFIG_PATH} "${MOVED}/lib/pkgconfig")
set(ENV{LD_LIBRARY_PATH} "${MOVED}/lib")
set(ENV{MAKEFLAGS} "")
execute_process(COMMAND make -C "${SOURCE}/consumer_make" "CC=${CC}" "LINK=${LINK}" "OUT=${WORK}"
                        "SOURCE=${SOURCE}/consumer_c/consumer.c"
                COMMAND_ERROR_IS_FATAL ANY)
set(PROGRAM "${WORK}/consumer")
include("${SOURCE}/run_consumer.cmake")
