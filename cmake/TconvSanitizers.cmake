# Sanitizers and coverage are global: an object without them beside one with them hides errors.

if(TCONV_SANITIZE STREQUAL "address")
    # Undefined behaviour ends the program, so that a test sees it.
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(TCONV_SANITIZE STREQUAL "thread")
    # libgomp is not instrumented, so its barriers are invisible to the sanitizer and every
    # parallel loop would be reported.  The tests hand plans a parallel-for of pthreads instead.
    set(TCONV_OPENMP OFF)
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
    add_link_options(-fsanitize=thread)
elseif(NOT TCONV_SANITIZE STREQUAL "")
    message(FATAL_ERROR "TCONV_SANITIZE is \"${TCONV_SANITIZE}\"; "
                        "it must be empty, \"address\" or \"thread\"")
endif()

if(TCONV_COVERAGE)
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage)
endif()

if(TCONV_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
