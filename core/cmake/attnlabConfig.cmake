# find_package(attnlab): the target attnlab::sdk and the function attnlab_add_plugin, for plugins that live outside of the project.
include(CMakeFindDependencyMacro)
find_dependency(Eigen3 NO_MODULE)
include("${CMAKE_CURRENT_LIST_DIR}/attnlabTargets.cmake")
get_property(attnlab_languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if("CXX" IN_LIST attnlab_languages)  # a project in C alone has no such feature to ask for
  target_compile_features(attnlab::sdk INTERFACE cxx_std_20)
endif()
include("${CMAKE_CURRENT_LIST_DIR}/AttnlabPlugin.cmake")
