# Upscales a picture with a transposed convolution, on a machine with only gcc and CMake:
#
#     cmake [-D INPUT=<picture.png>] [-D SCALE=<whole number>] -P cmake/demo.cmake
#
# Installs what is missing, builds in build/demo, and makes a test picture if none is given.  That
# one can be painted at any size, so it also tells how near the enlargement comes to the truth.
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
build("${directory}" --target tconv_cli make_picture psnr)

set(painted OFF)
if(DEFINED INPUT)
    step("Taking the picture ${INPUT}")
    cmake_path(ABSOLUTE_PATH INPUT BASE_DIRECTORY "${CMAKE_SOURCE_DIR}")
    if(NOT EXISTS "${INPUT}")
        message(FATAL_ERROR "tconv: there is no picture ${INPUT}")
    endif()
else()
    step("Painting a test picture")
    set(INPUT "${directory}/picture.png")
    set(painted ON)
    run("painting the picture" "${directory}/docs/examples/make_picture" "${INPUT}" 480 320)
endif()

set(result "${directory}/upscaled_x${SCALE}.png")
step("Upscaling it by ${SCALE}: tconv upscale ${INPUT} ${result} --scale ${SCALE}")
now(start)
run("upscaling" "${directory}/src/cli/tconv" upscale "${INPUT}" "${result}" --scale ${SCALE})
elapsed(${start} seconds)

# The gain over interpolation, where the truth is known: on the test picture.
function(measure_gain scale)
    set(tools "${directory}/docs/examples")
    math(EXPR width "480 * ${scale}")
    math(EXPR height "320 * ${scale}")
    if(width GREATER 10000) # make_picture's limit
        return()
    endif()
    run("painting the large picture"
        "${tools}/make_picture" "${directory}/truth.png" ${width} ${height})
    run("interpolating" "${directory}/src/cli/tconv" upscale "${directory}/picture.png"
        "${directory}/bilinear.png" --scale ${scale} --method bilinear)
    execute_process(COMMAND "${tools}/psnr" "${directory}/truth.png" "${result}"
                            "${directory}/bilinear.png"
                    OUTPUT_VARIABLE levels COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCH "^([0-9.]+)\n([0-9.]+)" levels "${levels}")
    set(ours "${CMAKE_MATCH_1}")
    set(bilinear "${CMAKE_MATCH_2}")
    string(REPLACE "." "" ours_hundredths "${ours}")
    string(REPLACE "." "" bilinear_hundredths "${bilinear}")
    math(EXPR gain "${ours_hundredths} - ${bilinear_hundredths}")
    math(EXPR whole "${gain} / 100")
    math(EXPR part "${gain} % 100 + 100")
    string(SUBSTRING ${part} 1 2 part)
    message(NOTICE "Gain:     ${whole}.${part} dB of PSNR over bilinear interpolation "
                   "(${ours} dB, not ${bilinear} dB, of luminance)")
endfunction()

png_size("${INPUT}" size_before)
png_size("${result}" size_after)
file(SIZE "${result}" bytes)
message(NOTICE "\nPicture:  ${INPUT} (${size_before} pixels)\n"
               "Result:   ${result} (${size_after} pixels, ${bytes} bytes)\n"
               "Time:     ${seconds} s to read, upscale and write it")
if(painted AND SCALE GREATER 1)
    measure_gain(${SCALE})
endif()
