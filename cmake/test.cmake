# Runs every test, on a machine with only gcc and CMake:
#
#     cmake [-D CONFIGURATIONS=<name;...>] [-D CTEST=<ctest argument;...>] -P cmake/test.cmake
#
# Installs what is missing, then builds and tests in build/test/<configuration>, warnings being
# errors: clang (quick tests), tsan (thread tests under the thread sanitizer), asan (quick tests
# under the address and undefined-behaviour sanitizers), aarch64 (for 64-bit ARM, emulated: kernels
# and the quickest of the others), release (gcc, every test).
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/prepare.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/arm64.cmake")

if(NOT DEFINED CONFIGURATIONS)
    set(CONFIGURATIONS clang tsan asan aarch64 release)
endif()
set(options_clang -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release)
set(options_tsan -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTCONV_SANITIZE=thread
                 -DTCONV_BUILD_TOOLS=OFF)
set(options_asan -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTCONV_SANITIZE=address)
set(options_aarch64 --toolchain "${tconv_root}/cmake/toolchain-aarch64.cmake"
                    -DCMAKE_BUILD_TYPE=Release -DTCONV_BUILD_TOOLS=OFF)
set(options_release -DCMAKE_BUILD_TYPE=Release -DTCONV_BUILD_STATIC=ON)
set(filter_clang -L quick)
set(filter_tsan -L thread)
set(filter_asan -L quick)
set(filter_aarch64 -L quick
    -R "^(unit|kernel|conform_(epilogue|generated)|property_(algebra|bits|window))")
set(filter_release "")

if("aarch64" IN_LIST CONFIGURATIONS)
    unpack_arm64(reason)
    if(reason AND (DEFINED ENV{CI} OR CONFIGURATIONS STREQUAL "aarch64"))
        message(FATAL_ERROR "tconv: aarch64 cannot be tested: ${reason}")
    elseif(reason)
        message(NOTICE "Left out: aarch64: ${reason}")
        list(REMOVE_ITEM CONFIGURATIONS aarch64)
    else()
        list(APPEND test_packages ${arm64_tools})
    endif()
endif()

list(LENGTH CONFIGURATIONS count)
math(EXPR step_count "1 + 2 * ${count}")
now(start)

step("Looking for what is needed: compilers, make, OpenBLAS, libpng, CMocka, ONNX's vectors")
prepare(WITH_TESTS)
find_manager(manager)
set(strict OFF)
if(manager STREQUAL "apt" OR DEFINED ENV{CI})
    set(strict ON) # what a test needs was just installed, so that none may be left out
endif()

set(failed "")
foreach(name IN LISTS CONFIGURATIONS)
    if(NOT DEFINED options_${name})
        message(FATAL_ERROR "tconv: no configuration \"${name}\"; there are clang, tsan, asan, "
                            "aarch64 and release")
    endif()
    set(directory "${tconv_root}/build/test/${name}")
    step("Building ${name} in ${directory}")
    configure("${directory}" ${options_${name}} -DTCONV_WERROR=ON -DTCONV_BUILD_TESTS=ON
              -DTCONV_REQUIRE_ALL_TESTS=${strict})
    build("${directory}")

    step("Testing ${name}")
    execute_process(COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${directory}" --output-on-failure
                            --no-tests=error -j2 ${filter_${name}} ${CTEST}
                    RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        list(APPEND failed ${name})
    endif()
endforeach()

elapsed(${start} seconds)
list(JOIN CONFIGURATIONS ", " names)
if(failed)
    list(JOIN failed ", " failed)
    message(FATAL_ERROR "tconv: tests failed in: ${failed} (of ${names}; ${seconds} s)")
endif()
message(NOTICE "\nAll tests passed in: ${names} (${seconds} s)")
