# tconv_embed(<target> <file> <symbol>): compiles a file's bytes in as
#     const unsigned char <symbol>[];
function(tconv_embed target file symbol)
    cmake_path(ABSOLUTE_PATH file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(READ "${file}" bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REPEAT "0x..," 16 row)
    string(REGEX REPLACE "(${row})" "    \\1\n" bytes "${bytes}")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c")
    file(CONFIGURE OUTPUT "${source}" CONTENT
         "extern const unsigned char @symbol@[];\nconst unsigned char @symbol@[] = {\n@bytes@};\n"
         @ONLY)
    target_sources(${target} PRIVATE "${source}")
endfunction()
