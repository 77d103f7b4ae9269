# attnlab_add_plugin(KIND NAME SOURCES...): one shared library lib/attnlab/plugins/KIND/NAME.so that exports one symbol and links nothing of the program.
# KIND is task, kernel or optimizer. Works inside this project and, after find_package(attnlab), outside of it: there the
# library is KIND/NAME.so in the build folder, which --plugins and ATTNLAB_PLUGIN_PATH take as it is.
function(attnlab_add_plugin kind name)
  if(NOT kind MATCHES "^(task|kernel|optimizer)$")
    message(FATAL_ERROR "attnlab_add_plugin: there is no kind '${kind}' of plugin; use task, kernel or optimizer")
  endif()
  set(target attnlab_plugin_${kind}_${name})
  add_library(${target} MODULE ${ARGN})
  if(TARGET attnlab_sdk)
    target_link_libraries(${target} PRIVATE attnlab_sdk attnlab_flags)
    set(folder "${CMAKE_BINARY_DIR}/lib/attnlab/plugins/${kind}")
    add_dependencies(attnlab_plugins ${target})
  else()
    target_link_libraries(${target} PRIVATE attnlab::sdk)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/${kind}")
    if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
      target_compile_options(${target} PRIVATE -O3)
      set(CMAKE_BUILD_TYPE "-O3")
    endif()
    target_compile_definitions(${target} PRIVATE
      "ATTNLAB_BUILD_TAG=\"${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE}\"")
  endif()
  install(TARGETS ${target} LIBRARY DESTINATION "lib/attnlab/plugins/${kind}")
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so" OUTPUT_NAME "${name}" LIBRARY_OUTPUT_DIRECTORY "${folder}"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    C_STANDARD 11 CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
  target_link_options(${target} PRIVATE -Wl,-z,defs)
  if(ATTNLAB_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,-z,undefs)
  endif()
endfunction()
