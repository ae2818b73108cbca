# Shared by the lint scripts.  Each is run as
#     cmake -D ROOT=<project root> -P <script>.cmake
# and exits non-zero after naming every breach.

function(lint_fail file text)
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${ROOT}")
    message(NOTICE "${file}: ${text}")
    set_property(GLOBAL APPEND PROPERTY lint_breaches "${file}")
endfunction()

# The last line of every script: fails if there was a breach or if nothing was looked at.
function(lint_finish looked_at)
    get_property(breaches GLOBAL PROPERTY lint_breaches)
    list(LENGTH breaches count)
    if(count GREATER 0)
        message(FATAL_ERROR "lint: ${count} breaches of the rules")
    elseif(NOT looked_at)
        message(FATAL_ERROR "lint: found nothing to look at in ${ROOT}")
    endif()
endfunction()

# The text of a C file without comments, and without what stands in string and character literals
# except on #include lines, which keep theirs.
function(lint_read_code file text_out)
    file(READ "${file}" text)
    string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" " " text "${text}")
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    string(REGEX REPLACE "#[ \t]*include[ \t]*\"([^\"\n]*)\"" "#include {\\1}" text "${text}")
    string(REGEX REPLACE "'(\\\\.|[^'\\\\\n])'" "0" text "${text}")
    string(REGEX REPLACE "\"(\\\\.|[^\"\\\\\n])*\"" "s" text "${text}")
    set(${text_out} "${text}" PARENT_SCOPE)
endfunction()
