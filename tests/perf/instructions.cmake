# Counts, in callgrind, the instructions of each execution of instructions.c, those of OpenBLAS
# included, and compares them with instructions.txt; with REWRITE writes them there.
#
# They are the same in every run: one thread, AVX2 (valgrind shows no AVX-512 to programs, and a
# processor of its own in place of the machine's), OpenBLAS's serial build with its kernels for
# Haswell, symbols looked up before the first case.  Within 5 % is right: libc, and another release
# of the compiler, change a little.
cmake_minimum_required(VERSION 3.25)
set(tolerance_percent 5)

file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")
execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env TCONV_TEST_CPU=avx2 OPENBLAS_CORETYPE=Haswell LD_BIND_NOW=1
            "LD_LIBRARY_PATH=${BLAS}"
            "${VALGRIND}" -q --tool=callgrind --toggle-collect=counted --dump-after=counted
            "--callgrind-out-file=${FOLDER}/out" "${PROGRAM}"
    OUTPUT_VARIABLE names OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
if(status EQUAL 77)
    message("perf_instructions: skipped: the machine has no AVX2")
    return()
elseif(NOT status EQUAL 0)
    message(FATAL_ERROR "perf_instructions: ${PROGRAM} ends with ${status} in valgrind")
endif()
string(REPLACE "\n" ";" names "${names}")
list(POP_FRONT names blas)
string(REGEX REPLACE "^(OpenBLAS [0-9.]+).*" "\\1" blas "${blas}")

# found_<name>, dump_<name>: callgrind numbers its dumps, one for each execution, from 1.
set(dump 0)
foreach(name IN LISTS names)
    math(EXPR dump "${dump} + 1")
    set("dump_${name}" "${FOLDER}/out.${dump}")
    file(STRINGS "${dump_${name}}" totals REGEX "^totals: [0-9]+$")
    string(REGEX REPLACE "^totals: " "" "found_${name}" "${totals}")
endforeach()

if(REWRITE)
    set(text "# Instructions of one execution each; see docs/testing.md.\n${COMPILER}, ${blas}\n")
    foreach(name IN LISTS names)
        string(APPEND text "${found_${name}} ${name}\n")
    endforeach()
    file(WRITE "${EXPECTED}" "${text}")
    message("${text}")
    return()
endif()

file(STRINGS "${EXPECTED}" lines REGEX "^[^#]")
list(POP_FRONT lines built_with)
if(NOT built_with STREQUAL "${COMPILER}, ${blas}")
    message("perf_instructions: skipped: the numbers are for ${built_with}; this is ${COMPILER}, "
            "${blas}")
    return()
endif()

set(failures "")
foreach(line IN LISTS lines)
    string(REGEX MATCH "^([0-9]+) (.*)$" matched "${line}")
    set(expected "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    list(REMOVE_ITEM names "${name}")
    set(found "${found_${name}}")
    if(NOT matched OR NOT found)
        string(APPEND failures "\n  \"${line}\" is not a case of instructions.c")
        continue()
    endif()
    math(EXPR change "(${found} - ${expected}) * 1000 / ${expected}") # per mille, towards 0
    math(EXPR limit "${tolerance_percent} * 10")
    if(change GREATER_EQUAL limit OR change LESS_EQUAL -${limit})
        math(EXPR percent "(${found} - ${expected}) * 100 / ${expected}")
        string(APPEND failures "\n  ${name}: ${expected} instructions expected, ${found} found "
               "(${percent} %)\n    callgrind_annotate --threshold=100 ${dump_${name}}")
    endif()
endforeach()
foreach(name IN LISTS names)
    string(APPEND failures "\n  ${name}: not in instructions.txt (${found_${name}} found)")
endforeach()
if(failures)
    message(FATAL_ERROR "perf_instructions: not within ${tolerance_percent} % of "
        "tests/perf/instructions.txt:${failures}\n"
        "If more was not meant, the command below a line shows where the instructions are spent. "
        "If it was, or fewer is the improvement you wanted, write the numbers anew and commit "
        "them, saying why:\n  cmake --build ${BUILD} --target rewrite_instructions")
endif()
