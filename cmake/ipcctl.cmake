# How ipcctl is built: warnings, hardening, the generated lists, tests and installation.
# CMakeLists.txt holds what a contributor edits; this file is the machinery.

include(GNUInstallDirs)
include(CheckLinkerFlag)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(IPCCTL_WERROR "Treat warnings as errors" ON)
option(IPCCTL_HARDEN "PIE, full RELRO, FORTIFY_SOURCE=3, stack protector" ON)
option(IPCCTL_TESTS "Build the unit tests (needs cmocka)" ON)
set(IPCCTL_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined")
option(IPCCTL_LIBFUZZER "Build the fuzz targets with libFuzzer (clang)" OFF)

enable_testing()

# Whatever the umask of who installs.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
	GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

add_compile_definitions(_GNU_SOURCE IPCCTL_VERSION="${PROJECT_VERSION}")
add_compile_options(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla
	-Wundef -Wwrite-strings -Wpointer-arith -Wold-style-definition -Wimplicit-fallthrough -Wno-missing-field-initializers
	-fno-strict-aliasing -fno-common)
if(IPCCTL_WERROR)
	add_compile_options(-Werror)
endif()
# The 16-byte compare and swap that lib/ipc/semrecord.c stands on is not in the x86-64 baseline.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
	add_compile_options(-mcx16)
endif()

if(IPCCTL_SANITIZE)
	add_compile_options(-fsanitize=${IPCCTL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
	add_link_options(-fsanitize=${IPCCTL_SANITIZE})
elseif(IPCCTL_HARDEN)
	set(CMAKE_POSITION_INDEPENDENT_CODE ON)
	add_compile_options(-fPIE -fstack-protector-strong -fstack-clash-protection)
	if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
		add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
	endif()
	add_link_options(-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
	# Fewer mappings and smaller relocations at the start of every command, where the linker and libc can.
	check_linker_flag(C -Wl,-z,noseparate-code IPCCTL_HAVE_NOSEPARATE_CODE)
	if(IPCCTL_HAVE_NOSEPARATE_CODE)
		add_link_options(-Wl,-z,noseparate-code)
	endif()
	check_linker_flag(C -Wl,-z,pack-relative-relocs IPCCTL_HAVE_RELR)
	if(IPCCTL_HAVE_RELR)
		add_link_options(-Wl,-z,pack-relative-relocs)
	endif()
endif()
if(IPCCTL_LIBFUZZER)
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()
# What a command does not use is not loaded: libraries that are named and not needed are left out.
add_link_options(-Wl,--as-needed)

include_directories(${CMAKE_SOURCE_DIR}/lib ${CMAKE_BINARY_DIR}/gen)

# ipcctl_list(FILE MACRO NAME...): an X-macro list, one MACRO(NAME) a line.
function(ipcctl_list file macro)
	set(text "/* Made from CMakeLists.txt */\n")
	foreach(name IN LISTS ARGN)
		string(APPEND text "${macro}(${name})\n")
	endforeach()
	file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/gen/${file} CONTENT "${text}" @ONLY)
endfunction()

# Links an archive where the distribution has it, the shared library elsewhere: an archive that
# a command does not use costs it nothing at start.
function(ipcctl_find_static var archive shared)
	find_library(${var} NAMES ${archive} ${shared} REQUIRED)
endfunction()

function(ipcctl_targets)
	ipcctl_list(kinds.gen.h KIND ${IPCCTL_KINDS})
	ipcctl_list(commands.gen.h COMMAND ${IPCCTL_COMMANDS})
	ipcctl_find_static(JANSSON libjansson.a jansson)
	ipcctl_find_static(NCURSES libncursesw.a ncursesw)
	# Part of ncurses itself in some distributions.
	find_library(TINFO NAMES libtinfo.a tinfow tinfo)

	list(TRANSFORM IPCCTL_CORE PREPEND lib/ipc/ OUTPUT_VARIABLE core)
	list(TRANSFORM IPCCTL_KINDS PREPEND lib/ipc/ OUTPUT_VARIABLE kinds)
	list(TRANSFORM IPCCTL_CLI PREPEND lib/cli/ OUTPUT_VARIABLE cli)
	list(TRANSFORM IPCCTL_COMMANDS PREPEND cmd/ OUTPUT_VARIABLE commands)
	foreach(list core kinds cli commands)
		list(TRANSFORM ${list} APPEND .c)
	endforeach()

	add_library(ipc STATIC ${core} ${kinds})
	target_link_libraries(ipc PUBLIC ${JANSSON})
	if(NOT IPCCTL_COMMANDS)
		return()
	endif()
	add_library(cli STATIC ${cli})
	target_link_libraries(cli PUBLIC ipc ${NCURSES})
	if(TINFO)
		target_link_libraries(cli PUBLIC ${TINFO})
	endif()
	add_library(commands OBJECT ${commands})
	add_executable(ipcctl lib/cli/main.c)
	target_link_libraries(ipcctl PRIVATE commands cli)
	# Writes the generated parts of the man pages and the completions; never installed.
	add_executable(ipcctl-docs lib/cli/docs.c lib/cli/docs_completion.c lib/cli/docs_man.c)
	target_link_libraries(ipcctl-docs PRIVATE commands cli)
	add_custom_target(docs COMMAND ${CMAKE_SOURCE_DIR}/man/update.sh $<TARGET_FILE:ipcctl-docs>
		COMMENT "Rewriting the generated parts of man/ and completions/")
endfunction()

function(ipcctl_unit_tests)
	if(NOT IPCCTL_TESTS)
		return()
	endif()
	find_library(CMOCKA cmocka REQUIRED)
	foreach(name IN LISTS ARGN)
		add_executable(unit-${name} tests/unit/${name}.c)
		target_link_libraries(unit-${name} PRIVATE ${CMOCKA})
		if(TARGET cli)
			target_link_libraries(unit-${name} PRIVATE cli)
		endif()
		target_link_libraries(unit-${name} PRIVATE ipc)
		add_test(NAME unit-${name} COMMAND unit-${name})
	endforeach()
endfunction()

# A fuzz target has one function, LLVMFuzzerTestOneInput. Without libFuzzer tests/fuzz/replay.c
# gives it a main that runs it over the files and folders named: how script/test replays the corpora.
function(ipcctl_fuzz_targets)
	if(NOT IPCCTL_TESTS)
		return()
	endif()
	foreach(name IN LISTS ARGN)
		add_executable(fuzz-${name} tests/fuzz/${name}.c)
		if(IPCCTL_LIBFUZZER)
			target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
		else()
			target_sources(fuzz-${name} PRIVATE tests/fuzz/replay.c)
		endif()
		if(TARGET cli)
			target_link_libraries(fuzz-${name} PRIVATE cli)
		endif()
		target_link_libraries(fuzz-${name} PRIVATE ipc)
		# -runs=0: with libFuzzer too the test only replays the corpus
		add_test(NAME fuzz-${name} COMMAND fuzz-${name} $<$<BOOL:${IPCCTL_LIBFUZZER}>:-runs=0>
			${CMAKE_SOURCE_DIR}/tests/fuzz/${name} COMMAND_EXPAND_LISTS)
	endforeach()
endfunction()

function(ipcctl_install)
	if(NOT TARGET ipcctl)
		return()
	endif()
	install(TARGETS ipcctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
	foreach(section 1 5)
		file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.${section})
		install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
	endforeach()
	set(bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
	install(FILES completions/ipcctl.bash DESTINATION ${bash} RENAME ipcctl)
	install(FILES completions/ipcctl.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _ipcctl)
	install(FILES completions/ipcctl.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
	install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
	include(package)
endfunction()
