set(TCONV_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
                   -Wmissing-prototypes -Wvla -Wundef)

# tconv_set_warnings(<target>): the project's warnings, as errors with TCONV_WERROR.
function(tconv_set_warnings target)
    target_compile_options(${target} PRIVATE ${TCONV_WARNINGS})
    if(TCONV_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
endfunction()
