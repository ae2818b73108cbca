# What cmake/toolchain-aarch64.cmake needs: a cross compiler and an emulator, which are installed,
# and Debian's OpenBLAS and CMocka of 64-bit ARM, which are unpacked into build/arm64.  apt-get
# fetches these with a state of its own: the system learns of no other architecture.

set(arm64_tools gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)
# The cross compiler brings its own C library, which must not meet another.
set(arm64_libraries libopenblas0-serial libopenblas-serial-dev libgfortran5 libcmocka0
    libcmocka-dev)

# unpack_arm64(<variable>): empty if build/arm64 holds the libraries, else why it does not.
function(unpack_arm64 variable)
    set(root "${tconv_root}/build/arm64")
    set(${variable} "" PARENT_SCOPE)
    cmake_host_system_information(RESULT platform QUERY OS_PLATFORM)
    find_manager(manager)
    if(EXISTS "${root}/complete")
        return()
    elseif(NOT platform STREQUAL "x86_64" OR NOT manager STREQUAL "apt")
        set(${variable} "cross-compilation is set up on x86-64 with apt only" PARENT_SCOPE)
        return()
    endif()
    file(REMOVE_RECURSE "${root}")
    file(MAKE_DIRECTORY "${root}/apt/lists/partial" "${root}/apt/archives/partial")
    file(TOUCH "${root}/apt/status")
    set(apt apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64
        -o APT::Sandbox::User=root -o Dir::State=${root}/apt
        -o Dir::State::status=${root}/apt/status -o Dir::Cache=${root}/apt)

    # A source without arm64 makes an update fail; what counts is that the packages come.
    execute_process(COMMAND ${apt} update OUTPUT_QUIET ERROR_VARIABLE update_error)
    execute_process(COMMAND ${apt} download ${arm64_libraries} WORKING_DIRECTORY "${root}/apt"
                    RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE error)
    if(NOT status EQUAL 0)
        set(${variable} "apt-get fetches no packages for arm64:\n${update_error}${error}"
            PARENT_SCOPE)
        return()
    endif()
    file(GLOB archives "${root}/apt/*.deb")
    foreach(archive IN LISTS archives)
        run("unpacking ${archive}" dpkg-deb -x "${archive}" "${root}")
    endforeach()
    file(REMOVE_RECURSE "${root}/apt")
    file(TOUCH "${root}/complete")
endfunction()
