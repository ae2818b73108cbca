# tconv_add_test(NAME <test> SOURCES <file>... [LABELS <label>...] [LIBRARIES <lib>...]
#                [ARGS <arg>...] [TIMEOUT <seconds>])
#
# One CMocka program, registered as <test>.  It may include "support/..." and internal headers and
# call internal functions.  Without LABELS it is "quick".
function(tconv_add_test)
    cmake_parse_arguments(arg "" "NAME;TIMEOUT" "SOURCES;LABELS;LIBRARIES;ARGS" ${ARGN})
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME OR NOT arg_SOURCES)
        message(FATAL_ERROR "tconv_add_test: NAME and SOURCES are needed, "
                            "\"${arg_UNPARSED_ARGUMENTS}\" is not understood")
    endif()
    if(NOT arg_LABELS)
        set(arg_LABELS quick)
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()

    string(REGEX REPLACE "[^A-Za-z0-9_]" "_" target "test_${arg_NAME}")
    add_executable(${target} ${arg_SOURCES})
    tconv_set_warnings(${target})
    target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    target_link_libraries(${target} PRIVATE ${arg_LIBRARIES})
    if(TARGET tconv_test_support)
        target_link_libraries(${target} PRIVATE tconv_test_support)
    endif()
    target_link_libraries(${target} PRIVATE tconv_internal tconv_cmocka m)
    add_test(NAME ${arg_NAME} COMMAND ${target} ${arg_ARGS})
    set_tests_properties(${arg_NAME} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
                         ENVIRONMENT "${TCONV_TEST_ENVIRONMENT}")

    set_property(GLOBAL APPEND PROPERTY TCONV_TESTS ${arg_NAME})
    set_property(GLOBAL PROPERTY "TCONV_TEST_COMMAND ${arg_NAME}" ${target} ${arg_ARGS})
    set_property(GLOBAL PROPERTY "TCONV_TEST_LABELS ${arg_NAME}" ${arg_LABELS})
endfunction()

# A size that overflows is asked of malloc() on purpose; the sanitizer is to answer NULL to it.
set(TCONV_TEST_ENVIRONMENT "")
if(TCONV_SANITIZE STREQUAL "address")
    set(TCONV_TEST_ENVIRONMENT "ASAN_OPTIONS=allocator_may_return_null=1")
elseif(TCONV_SANITIZE STREQUAL "thread")
    set(TCONV_TEST_ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1")
endif()

# Debian installs OpenBLAS three times behind one soname and picks one when a program starts.
set(TCONV_BLAS_VARIANTS serial pthread openmp)
set(TCONV_BLAS_ROOT "/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-")
option(TCONV_REQUIRE_ALL_TESTS "Fail, not skip, where something that a test needs is missing"
       "$ENV{CI}")

# tconv_add_blas_variants(<test>): registers <test>@serial, @pthread and @openmp, which run a test
# of tconv_add_test() again with that build of OpenBLAS.
function(tconv_add_blas_variants name)
    if(CMAKE_CROSSCOMPILING)
        return() # there is one build
    endif()
    get_property(command GLOBAL PROPERTY "TCONV_TEST_COMMAND ${name}")
    foreach(variant IN LISTS TCONV_BLAS_VARIANTS)
        if(EXISTS "${TCONV_BLAS_ROOT}${variant}")
            add_test(NAME ${name}@${variant} COMMAND ${command})
            set_tests_properties(${name}@${variant} PROPERTIES LABELS blas TIMEOUT 300 ENVIRONMENT
                "LD_LIBRARY_PATH=${TCONV_BLAS_ROOT}${variant};${TCONV_TEST_ENVIRONMENT}")
        elseif(TCONV_REQUIRE_ALL_TESTS)
            message(FATAL_ERROR "tests: OpenBLAS's ${variant} build is missing "
                                "(Debian: apt-get install libopenblas0-${variant})")
        else()
            message(STATUS "tests: ${name}@${variant} left out: "
                           "libopenblas0-${variant} is not installed")
        endif()
    endforeach()
endfunction()
