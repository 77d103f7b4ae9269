# find_package(attnlab): the target attnlab::sdk and the function attnlab_add_plugin, for plugins that live outside of the project.
include(CMakeFindDependencyMacro)
find_dependency(Eigen3 NO_MODULE)
include("${CMAKE_CURRENT_LIST_DIR}/attnlabTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/AttnlabPlugin.cmake")
