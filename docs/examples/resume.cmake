# A training that stops and goes on, with other threads, ends with the bits of one that does not.
#     cmake -D GAN=<program> -D FOLDER=<scratch> -P resume.cmake
cmake_minimum_required(VERSION 3.25)

function(train checkpoint epochs threads)
    execute_process(COMMAND "${GAN}" --epochs ${epochs} --steps 5 --threads ${threads}
                            --out "${FOLDER}" --checkpoint "${FOLDER}/${checkpoint}"
                    OUTPUT_QUIET ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")
train(whole 3 1)
train(parts 1 2)
train(parts 3 3)
train(shorter 2 1)
file(SHA256 "${FOLDER}/whole" whole)
file(SHA256 "${FOLDER}/parts" parts)
file(SHA256 "${FOLDER}/shorter" shorter)
if(NOT whole STREQUAL parts)
    message(FATAL_ERROR "the training that was interrupted ended with other bits")
elseif(whole STREQUAL shorter)
    message(FATAL_ERROR "an epoch more changed nothing: the checkpoints say too little")
endif()
