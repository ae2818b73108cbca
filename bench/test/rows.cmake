# Runs tconv-bench on two tiny problems and reads what it prints and writes.
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")
file(WRITE "${FOLDER}/shapes.txt"
     "# two problems and one that the filter leaves out\n\n"
     "mb1ic8oc4_ih4oh8kh3sh2dh0ph1_iw4ow8kw3sw2dw0pw1_n\"tiny\"\n"
     "g2mb2ic4oc6_iw9kw4sw2pw1_n\"tiny_1d\"\n"
     "mb1ic1oc1_iw1kw1_n\"other\"\n")

execute_process(
    COMMAND "${BENCH}" --shapes "${FOLDER}/shapes.txt" --filter "^tiny" --peers im2col
            --algorithms gemm --min-time 0.01 --json "${FOLDER}/result.json"
    RESULT_VARIABLE status OUTPUT_VARIABLE table ERROR_VARIABLE errors)
if(NOT status EQUAL 0 OR NOT errors STREQUAL "")
    message(FATAL_ERROR "exit status ${status}, on standard error: ${errors}\n${table}")
endif()

# expect(<what> <text> <regular expression>)
function(expect what text pattern)
    if(NOT text MATCHES "${pattern}")
        message(SEND_ERROR "${what} is not like ${pattern}:\n${text}")
    endif()
endfunction()

# A row has the name, the work, the algorithm, five numbers, and two for the peer.
set(number " +[0-9.e+-]+")
set(rest " gemm +${number}${number}${number}${number}${number}${number}\n")
set(head "\nname +GFLOP +algorithm +ms +GFLOP/s +limit ms +share +im2col ms +ratio\n")
expect("the head" "${table}" "${head}")
expect("the first row" "${table}" "\ntiny +9.216e-06${rest}")
expect("the second row" "${table}" "\ntiny_1d +1.728e-06${rest}")
expect("the last line" "${table}" "\ngeometric mean${number}${number}\n$")
if(table MATCHES "other")
    message(SEND_ERROR "--filter let a problem through:\n${table}")
endif()

file(READ "${FOLDER}/result.json" json)

# get(<variable> <type> <member>...): a member of the object, and of which type.
function(get variable type)
    string(JSON found ERROR_VARIABLE error TYPE "${json}" ${ARGN})
    if(NOT found STREQUAL type)
        message(FATAL_ERROR "${ARGN} is ${found}, not ${type} (${error}):\n${json}")
    endif()
    string(JSON value GET "${json}" ${ARGN})
    set(${variable} "${value}" PARENT_SCOPE)
endfunction()

get(threads NUMBER threads)
expect("threads" "${threads}" "^1$")
foreach(path IN ITEMS peak_gflops bandwidth_gbs "geomean;share_of_limit" "geomean;im2col"
        "problems;1;median_ms" "problems;1;limit_ms" "problems;1;resize_us"
        "problems;1;peers;im2col;median_ms"
        "problems;1;peers;im2col;ratio")
    get(value NUMBER ${path})
    if(NOT value GREATER 0)
        message(SEND_ERROR "${path} is ${value}, not above 0")
    endif()
endforeach()
get(name STRING problems 0 name)
expect("the name" "${name}" "^tiny$")
get(problem STRING problems 1 problem)
expect("the problem" "${problem}" "^g2mb2ic4oc6_iw9kw4sw2pw1$")
get(algorithm STRING problems 0 algorithm)
expect("the algorithm" "${algorithm}" "^gemm$")
get(gflop NUMBER problems 0 gflop) # 2 * 8 * 4 channels * 9 taps * 16 pixels = 9216
if(gflop LESS 9.215e-6 OR gflop GREATER 9.217e-6)
    message(SEND_ERROR "gflop is ${gflop}, not 9.216e-6")
endif()
string(JSON count LENGTH "${json}" problems)
expect("the number of problems" "${count}" "^2$")

file(GLOB left "${FOLDER}/*.tmp")
expect("what is left behind" "${left}" "^$")

# Another operation, on the problem of the most work alone.
execute_process(
    COMMAND "${BENCH}" --shapes "${FOLDER}/shapes.txt" --op backward-weights --largest 1
            --peers im2col --min-time 0.01 --json "${FOLDER}/result.json"
    RESULT_VARIABLE status OUTPUT_VARIABLE table ERROR_VARIABLE errors)
if(NOT status EQUAL 0 OR NOT errors STREQUAL "")
    message(FATAL_ERROR "exit status ${status}, on standard error: ${errors}\n${table}")
endif()
expect("the machine" "${table}" "\nbackward-weights, 1 thread, f32, ncx; ")
set(columns "${number}${number}${number}${number}")
expect("the only row" "${table}" "\ntiny +9.216e-06 direct +${columns} +- +-\n")
expect("why im2col is left out" "${table}" "\n  im2col: not timed: forward only\n")
file(READ "${FOLDER}/result.json" json)
string(JSON count LENGTH "${json}" problems)
expect("the number of problems" "${count}" "^1$")
get(operation STRING op)
expect("op" "${operation}" "^backward-weights$")
