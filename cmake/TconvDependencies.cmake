# Finds what the project links with.  What is missing is told all at once, with Debian's name for
# it.  OpenBLAS is looked for on the default paths first: Debian's alternatives then choose between
# its serial, pthread and openmp builds when a program starts, and no RPATH overrules them.

set(missing_text "")
function(tconv_missing what package)
    string(APPEND missing_text "\n    ${what} (Debian: apt-get install ${package})")
    set(missing_text "${missing_text}" PARENT_SCOPE)
endfunction()

find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
    pkg_check_modules(PC_OPENBLAS QUIET openblas)
endif()
find_library(TCONV_OPENBLAS_LIBRARY openblas HINTS ENV OPENBLAS_ROOT PATH_SUFFIXES lib
             DOC "The OpenBLAS library")
find_library(TCONV_OPENBLAS_LIBRARY openblas PATHS ${PC_OPENBLAS_LIBRARY_DIRS})
find_path(TCONV_OPENBLAS_INCLUDE_DIR cblas.h HINTS ENV OPENBLAS_ROOT
          PATH_SUFFIXES include openblas DOC "Where OpenBLAS's cblas.h lies")
find_path(TCONV_OPENBLAS_INCLUDE_DIR cblas.h PATHS ${PC_OPENBLAS_INCLUDE_DIRS})
if(NOT TCONV_OPENBLAS_LIBRARY OR NOT TCONV_OPENBLAS_INCLUDE_DIR)
    tconv_missing("OpenBLAS with cblas.h" libopenblas-dev)
endif()
add_library(tconv_openblas INTERFACE)
target_include_directories(tconv_openblas SYSTEM INTERFACE ${TCONV_OPENBLAS_INCLUDE_DIR})
target_link_libraries(tconv_openblas INTERFACE ${TCONV_OPENBLAS_LIBRARY})

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# What a static library asks of its users, by name: an installed package holds no absolute path.
set(TCONV_STATIC_LIBS openblas m pthread)
if(TCONV_OPENMP)
    find_package(OpenMP QUIET COMPONENTS C)
    if(OpenMP_C_FOUND)
        list(TRANSFORM OpenMP_C_LIB_NAMES REPLACE "^lib" "" OUTPUT_VARIABLE openmp_names)
        list(APPEND TCONV_STATIC_LIBS ${openmp_names})
        list(REMOVE_DUPLICATES TCONV_STATIC_LIBS)
    else()
        message(STATUS "OpenMP not found: plans run on one thread unless given a parallel-for "
                       "(Debian, for clang: apt-get install libomp-dev)")
    endif()
endif()

if(TCONV_BUILD_TOOLS)
    find_package(PNG QUIET)
    if(NOT PNG_FOUND)
        tconv_missing("libpng, for the command (or -DTCONV_BUILD_TOOLS=OFF)" libpng-dev)
    endif()
endif()

if(TCONV_BUILD_TESTS)
    find_library(TCONV_CMOCKA_LIBRARY cmocka DOC "The CMocka library")
    find_path(TCONV_CMOCKA_INCLUDE_DIR cmocka.h DOC "Where cmocka.h lies")
    if(NOT TCONV_CMOCKA_LIBRARY OR NOT TCONV_CMOCKA_INCLUDE_DIR)
        tconv_missing("CMocka, for the tests (or -DTCONV_BUILD_TESTS=OFF)" libcmocka-dev)
    endif()
    add_library(tconv_cmocka INTERFACE)
    target_include_directories(tconv_cmocka SYSTEM INTERFACE ${TCONV_CMOCKA_INCLUDE_DIR})
    target_link_libraries(tconv_cmocka INTERFACE ${TCONV_CMOCKA_LIBRARY})
endif()

if(missing_text)
    message(FATAL_ERROR "tconv: something to build with is missing:${missing_text}\n"
                        "`cmake -P cmake/demo.cmake` installs it for you.")
endif()
