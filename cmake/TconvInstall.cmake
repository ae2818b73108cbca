include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/tconv")

install(TARGETS tconv EXPORT tconvTargets)
if(TCONV_BUILD_STATIC)
    install(TARGETS tconv_static EXPORT tconvTargets)
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/tconv" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.h")
install(EXPORT tconvTargets NAMESPACE tconv:: DESTINATION "${package_dir}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/tconvConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/tconvConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/tconvConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/tconvConfig.cmake"
              "${PROJECT_BINARY_DIR}/tconvConfigVersion.cmake"
        DESTINATION "${package_dir}")

# The .pc says where things lie relative to itself, so a moved prefix still works.
set(pc_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR
           BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${pc_dir}" OUTPUT_VARIABLE pc_libdir)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR
           BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${pc_dir}" OUTPUT_VARIABLE pc_includedir)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
           BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${pc_dir}" OUTPUT_VARIABLE pc_prefix)
list(TRANSFORM TCONV_STATIC_LIBS PREPEND "-l" OUTPUT_VARIABLE pc_libs_private)
list(JOIN pc_libs_private " " pc_libs_private)
configure_file("${PROJECT_SOURCE_DIR}/cmake/tconv.pc.in" "${PROJECT_BINARY_DIR}/tconv.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/tconv.pc" DESTINATION "${pc_dir}")

if(TARGET tconv_cli)
    # The command finds the library beside it wherever both were moved to.
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR
               BASE_DIRECTORY "${CMAKE_INSTALL_FULL_BINDIR}" OUTPUT_VARIABLE cli_libdir)
    set_target_properties(tconv_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${cli_libdir}")
    install(TARGETS tconv_cli)
endif()
if(EXISTS "${PROJECT_SOURCE_DIR}/docs/tconv.1")
    install(FILES "${PROJECT_SOURCE_DIR}/docs/tconv.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
endif()
