# For 64-bit ARM, with Debian's cross compiler; the tests run under qemu-user:
#
#     cmake --toolchain cmake/toolchain-aarch64.cmake -B build/aarch64 -DTCONV_BUILD_TOOLS=OFF
#
# OpenBLAS and CMocka come from a folder that cmake/test.cmake unpacks (cmake/arm64.cmake).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)

cmake_path(SET arm64_root NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../build/arm64")
set(CMAKE_FIND_ROOT_PATH "${arm64_root}" /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Debian's alternatives, which put one build of OpenBLAS on the usual paths, are not set up there.
set(CMAKE_LIBRARY_PATH /usr/lib/aarch64-linux-gnu /usr/lib/aarch64-linux-gnu/openblas-serial)
set(CMAKE_INCLUDE_PATH /usr/include/aarch64-linux-gnu/openblas-serial)
set(folder "${arm64_root}/usr/lib/aarch64-linux-gnu")
# The linker looks for the libraries of OpenBLAS, too.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,${folder}")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-Wl,-rpath-link,${folder}")
# A processor without SVE, so that OpenBLAS takes the kernels that most get.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -cpu cortex-a72 -L /usr/aarch64-linux-gnu
    -E LD_LIBRARY_PATH=${folder}:${folder}/openblas-serial)
