// class_folders.cpp: a folder of PNG files for each class; the folder's name is the label.
#include <attnlab/plugin.hpp>

#include "../reading/file.hpp"
#include "../reading/png_file.hpp"
#include "image_set.hpp"

namespace images {

using attnlab::Failure;

Images read_class_folders(const fs::path& folder) {
  const reading::Listing classes = reading::listing(folder);
  if (classes.folders.empty()) {
    throw Failure(folder.string() +
                  " holds no folders: expected one for each class, with PNG files");
  }
  if (!classes.files.empty()) {
    throw Failure(classes.files.front().string() +
                  " stands beside the folders of the classes and belongs to none; move it away");
  }
  Images out;
  out.path = folder.string();
  std::string first;
  for (const fs::path& one : classes.folders) {
    const reading::Listing inside = reading::listing(one);
    if (!inside.folders.empty()) {
      throw Failure(inside.folders.front().string() + " is a folder inside the class " +
                    one.filename().string() + "; PNG files were expected");
    }
    if (inside.files.empty()) throw Failure(one.string() + " holds no PNG files");
    for (const fs::path& file : inside.files) {
      const reading::Image image = reading::read_png(file);
      if (out.labels.empty()) {
        out.rows = image.rows, out.columns = image.columns;
        first = file.string();
      }
      if (image.rows != out.rows || image.columns != out.columns) {
        throw Failure(file.string() + " has " + std::to_string(image.rows) + " x " +
                      std::to_string(image.columns) + " pixels, " + first + " " +
                      std::to_string(out.rows) + " x " + std::to_string(out.columns) +
                      "; all images must have one size");
      }
      out.grey.insert(out.grey.end(), image.grey.begin(), image.grey.end());
      out.labels.push_back(one.filename().string());
    }
  }
  return out;
}

}  // namespace images
