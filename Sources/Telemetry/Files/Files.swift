import Foundation

/// What the program asks the system about files, by names that are bytes (`String.fileName`).
package enum Files {
  /// What `stat` says; nil where nothing is found.
  package static func status(_ path: String) -> stat? {
    var status = stat()
    return stat(path.fileName, &status) == 0 ? status : nil
  }

  /// True when something lies there, whatever links lead to it.
  package static func exists(_ path: String) -> Bool { access(path.fileName, F_OK) == 0 }

  /// True for a folder.
  package static func isFolder(_ path: String) -> Bool {
    status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
  }

  /// All bytes of a file, or the first `limit` of them; nil where they cannot be read.
  package static func contents(_ path: String, limit: Int = .max) -> Data? {
    let descriptor = open(path.fileName, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    return limit == .max ? try? handle.readToEnd() ?? Data() : try? handle.read(upToCount: limit) ?? Data()
  }

  /// The names in a folder, in no order; none where it cannot be read.
  package static func names(in folder: String) -> [String] {
    guard let listing = opendir(folder.fileName) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      // Safety: the name ends in a 0 inside the entry, which stays until the next call.
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(fileName: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Makes a folder, and those above it, where they are missing; false where that fails.
  package static func makeFolder(_ path: String, mode: mode_t = 0o777) -> Bool {
    if isFolder(path) { return true }
    let above = path.folder
    guard above == path || makeFolder(above, mode: mode) else { return false }
    return mkdir(path.fileName, mode) == 0 || isFolder(path)
  }

  /// The path without links, `.` and `..`; nil where nothing is found.
  package static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path.fileName, nil) else { return nil }
    defer { free(resolved) }
    return String(fileName: resolved)
  }

  /// Where temporary files go: `$TMPDIR`, else `/tmp`.
  package static var temporaryFolder: String { environment("TMPDIR") ?? "/tmp" }

  /// The value of an environment variable, which may hold a file's name; nil where it is not set or empty.
  package static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(fileName: value)
  }

  /// The words of the command line without the program's own name. Swift's `CommandLine.arguments` would repair names.
  package static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { CommandLine.unsafeArgv[$0].map { String(fileName: $0) } }
  }
}
