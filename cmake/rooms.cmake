# vault_rooms(folders...): enter these rooms, bottom first.
function(vault_rooms)
  foreach(room ${ARGN})
    add_subdirectory(${room})
  endforeach()
endfunction()

# vault_room(SOURCES files... USES rooms... WRAPS libraries...)
# The folder it is called in is a room, built as a static library named after
# it: sdk/base is sdk_base.  WRAPS are the foreign libraries that this room
# hides from all others.
function(vault_room)
  cmake_parse_arguments(PARSE_ARGV 0 ROOM "" "" "SOURCES;USES;WRAPS")
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR
             BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE path)
  string(REPLACE "/" "_" room ${path})
  add_library(${room} STATIC ${ROOM_SOURCES})
  target_include_directories(${room} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/..)
  target_link_libraries(${room}
    PUBLIC ${ROOM_USES} PRIVATE ${ROOM_WRAPS} house)
  if(BUILD_TESTING)
    vault_room_tests(${room})
  endif()
endfunction()

# vault_program(NAME name SOURCES files... USES rooms... WRAPS libraries...)
# A room that is a program: main.c of the folder it is called in, and others.
# Its other sources are a library too, so that tests can reach them.
function(vault_program)
  cmake_parse_arguments(PARSE_ARGV 0 ROOM "" "NAME" "SOURCES;USES;WRAPS")
  vault_room(SOURCES ${ROOM_SOURCES} USES ${ROOM_USES} WRAPS ${ROOM_WRAPS})
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR
             BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE path)
  string(REPLACE "/" "_" room ${path})
  add_executable(${ROOM_NAME} main.c)
  target_link_libraries(${ROOM_NAME} PRIVATE ${room} ${ROOM_WRAPS} house)
  set_target_properties(${ROOM_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin
    VAULT_ACROSS ${VAULT_ACROSS})
  install(TARGETS ${ROOM_NAME})
endfunction()
