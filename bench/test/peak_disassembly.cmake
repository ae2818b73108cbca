# Looks at the machine code of the loops that measure the peak rate: in the loop of each that
# multiplies most, every chain has one packed multiplication on the widest registers, and nothing
# touches memory.  A chain that was spilled would halve the peak, and double everybody's share.
#
# Reads what GNU's objdump prints, and LLVM's.
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${OBJDUMP}" -d --no-show-raw-insn "${PROGRAM}"
                OUTPUT_VARIABLE code RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "${OBJDUMP} -d ${PROGRAM} failed")
endif()
string(REPLACE ";" "," code "${code}")

# check_loop(<function> <instruction> <registers> <chains>)
function(check_loop name instruction registers chains)
    string(FIND "${code}" "<${name}>:\n" begin)
    if(begin EQUAL -1)
        message(FATAL_ERROR "${name} is not in ${PROGRAM}")
    endif()
    string(SUBSTRING "${code}" ${begin} -1 body)
    string(FIND "${body}" "\n\n" end)
    string(SUBSTRING "${body}" 0 ${end} body)

    # A loop is what stands between a jump backwards and the place it jumps to.
    set(most 0)
    set(loop "")
    string(REGEX MATCHALL "[0-9a-f]+:[ \t]+j[a-z]+[ \t]+[0-9a-fx]+" jumps "${body}")
    foreach(jump IN LISTS jumps)
        string(REGEX REPLACE ".*[ \t](0x)?" "" target "${jump}")
        string(FIND "${body}" " ${target}:" first)
        string(FIND "${body}" "${jump}" last)
        if(first EQUAL -1 OR last LESS first)
            continue()
        endif()
        math(EXPR length "${last} - ${first}")
        string(SUBSTRING "${body}" ${first} ${length} text)
        string(REGEX MATCHALL "[ \t]${instruction}[^\n]*%${registers}" found "${text}")
        list(LENGTH found count)
        if(count GREATER most)
            set(most ${count})
            set(loop "${text}")
        endif()
    endforeach()
    if(NOT most EQUAL chains)
        message(SEND_ERROR "${name}: ${most} of ${chains} multiplications in the loop:\n${loop}")
    endif()
    if(loop MATCHES "\\([^\n]*%")
        message(SEND_ERROR "${name}: the loop touches memory:\n${loop}")
    endif()
endfunction()

foreach(type IN ITEMS f32:ps f64:pd)
    string(REGEX REPLACE ":.*" "" element "${type}")
    string(REGEX REPLACE ".*:" "" suffix "${type}")
    check_loop(peak_${element}_base "mul${suffix}" xmm 12)
    check_loop(peak_${element}_avx2 "vfmadd[0-9]+${suffix}" ymm 12)
    check_loop(peak_${element}_avx512 "vfmadd[0-9]+${suffix}" zmm 24)
endforeach()
