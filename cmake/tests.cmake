# Tests are found by their place: sdk/wire/frame.c is tested by
# tests/unit/wire/frame_test.c and tried by tests/fuzz/wire/frame_fuzz.c with
# the corpus tests/cases/wire/frame.
function(vault_room_tests room)
  get_filename_component(place ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  set(tests ${PROJECT_SOURCE_DIR}/tests)
  file(GLOB units CONFIGURE_DEPENDS ${tests}/unit/${place}/*_test.c)
  foreach(source ${units})
    vault_test(${source} ${room})
  endforeach()
  file(GLOB targets CONFIGURE_DEPENDS ${tests}/fuzz/${place}/*_fuzz.c)
  foreach(source ${targets})
    vault_fuzz(${source} ${room} ${tests}/cases/${place})
  endforeach()
endfunction()

# A unit test ends within a minute, and within five where every access is
# watched: the limit finds what hangs, not what is slow.
set(unit_seconds 60)
if(VAULT_SANITIZE)
  set(unit_seconds 300)
endif()

# vault_test(source room): one program, one ctest entry.
function(vault_test source room)
  cmake_path(GET source STEM name)
  add_executable(${room}.${name} ${source})
  target_link_libraries(${room}.${name}
    PRIVATE ${room} PkgConfig::CMOCKA house house_tests)
  target_compile_definitions(${room}.${name} PRIVATE
    VAULT_SOURCE="${PROJECT_SOURCE_DIR}")
  if(name MATCHES "^no_memory(_[a-z]+)?_test$")
    target_link_options(${room}.${name} # it takes the memory away
      PRIVATE
        -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=pool_take)
  endif()
  add_test(NAME ${room}.${name} COMMAND ${room}.${name})
  set_tests_properties(${room}.${name} PROPERTIES TIMEOUT ${unit_seconds} LABELS unit
    SKIP_RETURN_CODE 77)
endfunction()

# vault_fuzz(source room cases): a libFuzzer program under VAULT_FUZZ; else a
# program that replays the corpus, which ctest runs under any compiler.
function(vault_fuzz source room cases)
  cmake_path(GET source STEM name)
  string(REGEX REPLACE "_fuzz$" "" module ${name})
  if(VAULT_FUZZ)
    add_executable(${room}.${name} ${source})
    target_link_options(${room}.${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${room}.${name} ${source}
      ${PROJECT_SOURCE_DIR}/tests/support/replay.c)
  endif()
  target_link_libraries(${room}.${name} PRIVATE ${room} house house_tests)
  set_target_properties(${room}.${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  add_test(NAME ${room}.${name} COMMAND ${room}.${name}
    $<$<BOOL:${VAULT_FUZZ}>:-runs=0> ${cases}/${module} COMMAND_EXPAND_LISTS)
  set_tests_properties(${room}.${name} PROPERTIES TIMEOUT ${unit_seconds} LABELS fuzz)
endfunction()

# vault_plant(fault source out): a copy of a source with a fault of
# tests/planted/plant.py in it; it comes before the room's own in a program that
# has it among its sources.  out is the variable that gets its path.
function(vault_plant fault source out)
  set(plant ${PROJECT_SOURCE_DIR}/tests/planted/plant.py)
  set(planted ${CMAKE_CURRENT_BINARY_DIR}/${fault}.c)
  add_custom_command(OUTPUT ${planted}
    COMMAND Python3::Interpreter ${plant} ${fault} ${PROJECT_SOURCE_DIR}
            ${planted}
    DEPENDS ${plant} ${PROJECT_SOURCE_DIR}/${source})
  set(${out} ${planted} PARENT_SCOPE)
endfunction()
