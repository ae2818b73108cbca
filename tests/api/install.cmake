# Builds a release with the shared and the static library, installs it, moves what was installed and
# looks whether all is there and nothing says where it was.  The consumers then use the moved copy.
#     cmake -D SOURCE=<project> -D WORK=<directory> -D CC=<compiler> -D GENERATOR=<generator>
#           -D VERSION=<project version> -D ABI=<number> -D OBJDUMP=<objdump> -D TOOLS=<bool>
#           -P install.cmake
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${WORK}/first" "${WORK}/moved")
set(targets tconv tconv_static)
if(TOOLS)
    list(APPEND targets tconv_cli)
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/build" -G "${GENERATOR}"
                        "-DCMAKE_C_COMPILER=${CC}" -DCMAKE_BUILD_TYPE=Release
                        "-DCMAKE_INSTALL_PREFIX=${WORK}/first" -DCMAKE_INSTALL_LIBDIR=lib
                        -DTCONV_BUILD_STATIC=ON -DTCONV_BUILD_TESTS=OFF
                        "-DTCONV_BUILD_TOOLS=${TOOLS}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}/build" --parallel 2 --target ${targets}
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${WORK}/build" COMMAND_ERROR_IS_FATAL ANY)
file(RENAME "${WORK}/first" "${WORK}/moved")

set(expected include/tconv/tconv.h include/tconv/explain.h include/tconv/extra.h
    include/tconv/gradient.h include/tconv/search.h
    lib/libtconv.so "lib/libtconv.so.${ABI}"
    "lib/libtconv.so.${VERSION}" lib/libtconv.a lib/pkgconfig/tconv.pc
    lib/cmake/tconv/tconvConfig.cmake lib/cmake/tconv/tconvConfigVersion.cmake
    lib/cmake/tconv/tconvTargets.cmake lib/cmake/tconv/tconvTargets-release.cmake)
if(TOOLS)
    list(APPEND expected bin/tconv share/man/man1/tconv.1)
endif()
file(GLOB_RECURSE installed RELATIVE "${WORK}/moved" "${WORK}/moved/*")
set(extra ${installed})
list(REMOVE_ITEM extra ${expected})
list(REMOVE_ITEM expected ${installed})
if(extra OR expected)
    message(SEND_ERROR "installed but not expected: [${extra}], not installed: [${expected}]")
endif()

file(GLOB_RECURSE package_files "${WORK}/moved/*.cmake" "${WORK}/moved/*.pc")
foreach(file IN LISTS package_files)
    file(READ "${file}" text)
    if(text MATCHES "(^|[ =;\"\n])/[A-Za-z][^ \n]*" OR text MATCHES "${WORK}[^ \n]*")
        message(SEND_ERROR "${file} holds an absolute path: ${CMAKE_MATCH_0}")
    endif()
endforeach()

execute_process(COMMAND "${OBJDUMP}" -p "${WORK}/moved/lib/libtconv.so" OUTPUT_VARIABLE headers
                COMMAND_ERROR_IS_FATAL ANY)
if(NOT headers MATCHES "SONAME +libtconv\\.so\\.${ABI}\n" OR headers MATCHES "RU?N?PATH")
    message(SEND_ERROR "the SONAME is not libtconv.so.${ABI}, or there is a run path:\n${headers}")
endif()

if(TOOLS)
    execute_process(COMMAND "${WORK}/moved/bin/tconv" --version OUTPUT_VARIABLE said
                    COMMAND_ERROR_IS_FATAL ANY)
    string(FIND "${said}" "${VERSION}" at)
    if(at EQUAL -1)
        message(SEND_ERROR "the moved command says \"${said}\", not ${VERSION}")
    endif()
endif()
