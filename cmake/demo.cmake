# Upscales a picture with a transposed convolution, on a machine with only gcc and CMake:
#
#     cmake [-D INPUT=<picture.png>] [-D SCALE=<whole number>] -P cmake/demo.cmake
#
# Installs what is missing, builds in build/demo, and makes a test picture if none is given.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/prepare.cmake")

set(step_count 5)
if(NOT DEFINED SCALE)
    set(SCALE 2)
endif()
set(directory "${tconv_root}/build/demo")

# png_size(<file> <variable>): "WIDTHxHEIGHT", from the header of a PNG.
function(png_size file variable)
    file(READ "${file}" hex OFFSET 16 LIMIT 8 HEX)
    string(SUBSTRING "${hex}" 0 8 width)
    string(SUBSTRING "${hex}" 8 8 height)
    math(EXPR width "0x${width}")
    math(EXPR height "0x${height}")
    set(${variable} "${width}x${height}" PARENT_SCOPE)
endfunction()

step("Looking for what is needed: a C compiler, make, OpenBLAS, libpng")
prepare(WITHOUT_TESTS)

step("Configuring in ${directory}")
configure("${directory}" -DCMAKE_BUILD_TYPE=Release -DTCONV_BUILD_TESTS=OFF)

step("Building")
build("${directory}" --target tconv_cli make_picture)

if(DEFINED INPUT)
    step("Taking the picture ${INPUT}")
    cmake_path(ABSOLUTE_PATH INPUT BASE_DIRECTORY "${CMAKE_SOURCE_DIR}")
    if(NOT EXISTS "${INPUT}")
        message(FATAL_ERROR "tconv: there is no picture ${INPUT}")
    endif()
else()
    step("Painting a test picture")
    set(INPUT "${directory}/picture.png")
    run("painting the picture" "${directory}/docs/examples/make_picture" "${INPUT}" 480 320)
endif()

set(result "${directory}/upscaled_x${SCALE}.png")
step("Upscaling it by ${SCALE}: tconv upscale ${INPUT} ${result} --scale ${SCALE}")
now(start)
run("upscaling" "${directory}/src/cli/tconv" upscale "${INPUT}" "${result}" --scale ${SCALE})
elapsed(${start} seconds)

png_size("${INPUT}" size_before)
png_size("${result}" size_after)
file(SIZE "${result}" bytes)
message(NOTICE "\nPicture:  ${INPUT} (${size_before} pixels)\n"
               "Result:   ${result} (${size_after} pixels, ${bytes} bytes)\n"
               "Time:     ${seconds} s to read, upscale and write it")
