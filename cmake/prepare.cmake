# Shared by demo.cmake and test.cmake: finds what is missing to build with, installs it through the
# system's package manager, configures and builds.  Needs CMake and nothing else.

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH tconv_root)

# --- Steps, so that a person sees where it is ----------------------------------------------------
set(step_number 0)
macro(step text)
    math(EXPR step_number "${step_number} + 1")
    message(NOTICE "\n[${step_number}/${step_count}] ${text}")
endmacro()

# now(<variable>): the time in microseconds.
function(now variable)
    string(TIMESTAMP time "%s%f")
    set(${variable} ${time} PARENT_SCOPE)
endfunction()

# elapsed(<since> <variable>): the seconds since then, as "12.34".
function(elapsed since variable)
    now(time)
    math(EXPR hundredths "(${time} - ${since}) / 10000")
    math(EXPR whole "${hundredths} / 100")
    math(EXPR part "${hundredths} % 100 + 100")
    string(SUBSTRING ${part} 1 2 part)
    set(${variable} "${whole}.${part}" PARENT_SCOPE)
endfunction()

# run(<what> <command>...): ends everything, saying what failed, unless the command succeeds.
function(run what)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "tconv: ${what} failed (${status}); its messages stand above")
    endif()
endfunction()

# --- What is needed, and how each package manager calls it ---------------------------------------
# A package is named for apt; what has no name for another manager is left out there.
set(apt_compiler gcc libc6-dev)
set(dnf_compiler gcc)
set(pacman_compiler gcc)
set(zypper_compiler gcc)

set(apt_make make)
set(dnf_make make)
set(pacman_make make)
set(zypper_make make)

set(apt_openblas libopenblas-dev)
set(dnf_openblas openblas-devel)
set(pacman_openblas openblas)
set(zypper_openblas openblas-devel)

set(apt_png libpng-dev)
set(dnf_png libpng-devel)
set(pacman_png libpng)
set(zypper_png libpng16-devel)

set(apt_cmocka libcmocka-dev)
set(dnf_cmocka libcmocka-devel)
set(pacman_cmocka cmocka)
set(zypper_cmocka libcmocka-devel)

# For the tests, which are written for Debian: all three builds of OpenBLAS, ONNX's vectors and
# what reads them, both compilers, the peer of the benchmark, the counter of instructions,
# photographs and what reads them.
set(test_packages gnuplot-nox libopenblas0-serial libopenblas0-pthread libopenblas0-openmp libonnx-testdata
    libonnx-dev protobuf-c-compiler libprotobuf-c-dev pkg-config g++ clang libomp-dev libdnnl-dev
    valgrind libjpeg-dev mate-backgrounds)

# compiles(<variable> <header> <library>): whether a program with both can be built.
function(compiles variable header library)
    set(source "${tconv_root}/build/probe/probe.c")
    file(WRITE "${source}" "#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n"
               "#include <setjmp.h>\n#include <${header}>\nint main(void) { return 0; }\n")
    execute_process(COMMAND "${compiler}" -I/usr/include/openblas -o "${source}.out" "${source}"
                            "-l${library}"
                    RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
    set(${variable} FALSE PARENT_SCOPE)
    if(status EQUAL 0)
        set(${variable} TRUE PARENT_SCOPE)
    endif()
endfunction()

# find_missing(<variable> WITH_TESTS|WITHOUT_TESTS): what is not there, of the lists above.
function(find_missing variable with_tests)
    set(missing "")
    if(DEFINED ENV{CC})
        set(compiler "$ENV{CC}")
    else()
        find_program(compiler NAMES cc gcc clang NO_CACHE)
    endif()
    compiles(found stdio.h c)
    if(NOT found)
        list(APPEND missing compiler)
    endif()
    find_program(build_tool NAMES make gmake ninja NO_CACHE)
    if(NOT build_tool)
        list(APPEND missing make)
    endif()
    set(libraries openblas cblas.h png png.h)
    if(with_tests STREQUAL "WITH_TESTS")
        list(APPEND libraries cmocka cmocka.h)
    endif()
    while(libraries)
        list(POP_FRONT libraries library header)
        compiles(found ${header} ${library})
        if(NOT found)
            list(APPEND missing ${library})
        endif()
    endwhile()
    set(${variable} "${missing}" PARENT_SCOPE)
endfunction()

# missing_test_packages(<variable>): those of test_packages that are not installed.
function(missing_test_packages variable)
    set(missing "")
    foreach(package IN LISTS test_packages)
        execute_process(COMMAND dpkg-query -W -f "\${Status}" ${package}
                        OUTPUT_VARIABLE status ERROR_QUIET)
        if(NOT status STREQUAL "install ok installed")
            list(APPEND missing ${package})
        endif()
    endforeach()
    set(${variable} "${missing}" PARENT_SCOPE)
endfunction()

# --- Installing ----------------------------------------------------------------------------------
function(find_manager variable)
    set(${variable} "" PARENT_SCOPE)
    foreach(name IN ITEMS apt dnf pacman zypper)
        set(program ${name})
        if(name STREQUAL "apt")
            set(program apt-get)
        endif()
        find_program(path_of_${name} ${program} NO_CACHE)
        if(path_of_${name})
            set(${variable} ${name} PARENT_SCOPE)
            return()
        endif()
    endforeach()
endfunction()

# install_packages(<manager> <package>...): as root, or by sudo where it asks no password.
function(install_packages manager)
    list(JOIN ARGN " " names)
    set(update "")
    if(manager STREQUAL "apt")
        set(update apt-get -qq update)
        set(by_hand "apt-get install")
        set(install apt-get -qq install -y --no-install-recommends --no-remove)
    elseif(manager STREQUAL "dnf")
        set(install dnf install -y --quiet)
        set(by_hand "dnf install")
    elseif(manager STREQUAL "pacman")
        set(install pacman -S --noconfirm --needed)
        set(by_hand "pacman -S")
    else()
        set(install zypper --quiet --non-interactive install)
        set(by_hand "zypper install")
    endif()

    execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
    set(as_root env DEBIAN_FRONTEND=noninteractive)
    if(NOT user STREQUAL "0")
        execute_process(COMMAND sudo -n true RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
        if(NOT status EQUAL 0)
            message(FATAL_ERROR "tconv: packages are missing, and installing them needs root. "
                                " Run this, then try again:\n    sudo ${by_hand} ${names}")
        endif()
        set(as_root sudo -n ${as_root})
    endif()
    message(NOTICE "Installing with ${manager}: ${names}")
    if(update)
        run("updating the list of packages" ${as_root} ${update})
    endif()
    run("installing ${names}" ${as_root} ${install} ${ARGN})
endfunction()

# prepare(WITH_TESTS|WITHOUT_TESTS): has everything there that the build needs, or stops.
function(prepare with_tests)
    find_missing(missing ${with_tests})
    find_manager(manager)
    set(packages "")
    foreach(thing IN LISTS missing)
        if(manager)
            list(APPEND packages ${${manager}_${thing}})
        endif()
    endforeach()
    if(with_tests STREQUAL "WITH_TESTS" AND manager STREQUAL "apt")
        missing_test_packages(more)
        list(APPEND packages ${more})
    endif()
    if(missing AND NOT manager)
        list(JOIN missing ", " names)
        message(FATAL_ERROR "tconv: missing: ${names}.  No package manager known here "
                            "(apt-get, dnf, pacman, zypper) was found to install them with.")
    elseif(NOT packages)
        message(NOTICE "Nothing is missing.")
        return()
    endif()
    install_packages(${manager} ${packages})
    find_missing(still_missing ${with_tests})
    if(still_missing)
        list(JOIN still_missing ", " names)
        message(FATAL_ERROR "tconv: still missing after the installation: ${names}")
    endif()
endfunction()

# --- Building ------------------------------------------------------------------------------------
# configure(<directory> <cmake option>...)
function(configure directory)
    set(generator "")
    find_program(make_tool NAMES make gmake NO_CACHE)
    if(NOT make_tool AND NOT DEFINED ENV{CMAKE_GENERATOR})
        set(generator -G Ninja)
    endif()
    run("the configuration" "${CMAKE_COMMAND}" -S "${tconv_root}" -B "${directory}" ${generator}
        --log-level=WARNING ${ARGN})
endfunction()

# build(<directory> <cmake --build option>...)
function(build directory)
    cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
    if(NOT cores GREATER 0) # not known, without /proc
        set(cores 2)
    endif()
    run("the build" "${CMAKE_COMMAND}" --build "${directory}" --parallel ${cores} ${ARGN})
endfunction()
