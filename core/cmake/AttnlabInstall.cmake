# What plugins outside of this project need: headers under include/, the CMake package under lib/cmake/attnlab. All of it is the
# component sdk, so that it can be installed without the program.
include(CMakePackageConfigHelpers)

set_target_properties(attnlab_abi PROPERTIES EXPORT_NAME abi)
set_target_properties(attnlab_sdk PROPERTIES EXPORT_NAME sdk)
install(TARGETS attnlab_abi attnlab_sdk EXPORT attnlabTargets COMPONENT sdk)
install(EXPORT attnlabTargets NAMESPACE attnlab:: DESTINATION lib/cmake/attnlab COMPONENT sdk)
install(DIRECTORY core/abi/attnlab core/sdk/attnlab DESTINATION include COMPONENT sdk FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")

write_basic_package_version_file("${PROJECT_BINARY_DIR}/attnlabConfigVersion.cmake" COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES core/cmake/attnlabConfig.cmake core/cmake/AttnlabPlugin.cmake "${PROJECT_BINARY_DIR}/attnlabConfigVersion.cmake"
  DESTINATION lib/cmake/attnlab COMPONENT sdk)

# The build folder is laid out like a prefix and may be used as one: build/release/lib/cmake/attnlab.
set(package "${PROJECT_BINARY_DIR}/lib/cmake/attnlab")
export(EXPORT attnlabTargets NAMESPACE attnlab:: FILE "${package}/attnlabTargets.cmake")
configure_file(core/cmake/attnlabConfig.cmake "${package}/attnlabConfig.cmake" COPYONLY)
configure_file(core/cmake/AttnlabPlugin.cmake "${package}/AttnlabPlugin.cmake" COPYONLY)
configure_file("${PROJECT_BINARY_DIR}/attnlabConfigVersion.cmake" "${package}/attnlabConfigVersion.cmake" COPYONLY)
