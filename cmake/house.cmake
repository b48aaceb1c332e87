# What every target of the house is built with, and the libraries it stands on.

option(VAULT_WERROR "Treat warnings as errors" OFF)
option(VAULT_SEEDS "Build in the seeded faults that the harnesses must find" OFF)
set(VAULT_SANITIZE "" CACHE STRING "address,undefined or thread")
option(VAULT_FUZZ "Build fuzz targets for libFuzzer (clang)" OFF)
option(VAULT_COVERAGE "Build for gcov" OFF)
option(VAULT_ACROSS "Optimise the programs of a release across rooms (GCC)" ON)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Debug CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.14)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1>=0.2.5)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb>=0.9.24)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp>=2.5)
pkg_check_modules(LWS REQUIRED IMPORTED_TARGET libwebsockets>=4.1.6)
find_library(WSLAY_LIBRARY wslay REQUIRED)
if(BUILD_TESTING)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka>=1.1.5)
endif()

add_library(house INTERFACE)
target_compile_definitions(house INTERFACE _POSIX_C_SOURCE=200809L
  VAULT_VERSION="${PROJECT_VERSION}" $<$<BOOL:${VAULT_SEEDS}>:VAULT_SEEDS>)
target_compile_options(house INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
  -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wvla -fstack-protector-strong
  -fvisibility=hidden -UNDEBUG $<$<BOOL:${VAULT_WERROR}>:-Werror>)

# Release builds are hardened; a test reads the built files and checks each.
target_compile_options(house INTERFACE
  $<$<CONFIG:Release>:-O2 -D_FORTIFY_SOURCE=2 -fstack-clash-protection
  -fcf-protection>)
target_link_options(house INTERFACE
  $<$<CONFIG:Release>:-Wl,-z,relro,-z,now,-z,noexecstack>)

# Rooms are small, and call each other for a few bytes: programs of a release
# are optimised across them.  Objects are whole without it too, for all else
# that is linked of them: tests, and the library that firms link.
if(NOT CMAKE_C_COMPILER_ID STREQUAL "GNU" OR
   NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  set(VAULT_ACROSS OFF)
endif()
if(VAULT_ACROSS)
  target_compile_options(house INTERFACE -flto -ffat-lto-objects)
  target_link_options(house INTERFACE
    $<IF:$<BOOL:$<TARGET_PROPERTY:VAULT_ACROSS>>,-flto=auto,-fno-lto>)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES C)
endif()

if(VAULT_SANITIZE)
  target_compile_options(house INTERFACE -fsanitize=${VAULT_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(house INTERFACE -fsanitize=${VAULT_SANITIZE})
endif()
if(VAULT_COVERAGE)
  target_compile_options(house INTERFACE --coverage)
  target_link_options(house INTERFACE --coverage)
endif()
if(VAULT_FUZZ)
  target_compile_options(house INTERFACE -fsanitize=fuzzer-no-link)
endif()

# What only tests are built with: cmocka's unused parameter is silenced here.
add_library(house_tests INTERFACE)
target_compile_options(house_tests INTERFACE -Wno-unused-parameter)
target_include_directories(house_tests INTERFACE
  ${PROJECT_SOURCE_DIR}/tests/support)
