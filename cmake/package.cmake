# The Debian package: `cpack` in a build directory. cmake/debian.cmake makes the differences between
# what is installed and what Debian wants.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ipcctl)
set(IPCCTL_MAINTAINER "The ipcctl authors <ipcctl@localhost>" CACHE STRING "Who builds the Debian package")
set(CPACK_PACKAGE_CONTACT "${IPCCTL_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "create, use, list and safely remove Linux IPC objects")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "One command for pipes, FIFOs, message queues, shared memory, semaphores and
sockets, POSIX and System V alike. It moves data through them from the shell,
lists every one on the machine, tells which are stale, and removes them.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

# libsmartcols is opened when a table is printed, so nothing in the binary names it.
set(CPACK_DEBIAN_PACKAGE_DEPENDS libsmartcols1)
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
if(DPKG_SHLIBDEPS)
	set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
else()
	string(PREPEND CPACK_DEBIAN_PACKAGE_DEPENDS "libc6, ")
endif()

set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/debian.cmake)
include(CPack)
