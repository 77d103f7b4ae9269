# attnlab_add_plugin(KIND NAME SOURCES...): one shared library lib/attnlab/plugins/KIND/NAME.so that exports one symbol and links nothing of the program.
# KIND is task, kernel or optimizer. Works inside this project and, after find_package(attnlab), outside of it.
function(attnlab_add_plugin kind name)
  set(target attnlab_plugin_${kind}_${name})
  add_library(${target} MODULE ${ARGN})
  if(TARGET attnlab_sdk)
    target_link_libraries(${target} PRIVATE attnlab_sdk attnlab_flags)
    set(folder "${CMAKE_BINARY_DIR}/lib/attnlab/plugins/${kind}")
    install(TARGETS ${target} LIBRARY DESTINATION "lib/attnlab/plugins/${kind}")
  else()
    target_link_libraries(${target} PRIVATE attnlab::sdk)
    set(folder "${CMAKE_BINARY_DIR}")
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so" OUTPUT_NAME "${name}" LIBRARY_OUTPUT_DIRECTORY "${folder}"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
  target_link_options(${target} PRIVATE -Wl,-z,defs)
  if(ATTNLAB_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,-z,undefs)
  endif()
endfunction()
