/// The parts of a path, by its slashes and dots alone: nothing is looked up.
extension String {
  /// What stands behind the last slash.
  package var lastName: String {
    utf8.lastIndex(of: UInt8(ascii: "/")).map { String(self[utf8.index(after: $0)...]) } ?? self
  }

  /// The folder that the path lies in: `.` for a name without one.
  package var folder: String {
    guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == startIndex ? "/" : String(self[..<slash])
  }

  /// What stands behind the last dot of the name, in lower case; empty where there is none.
  package var ending: String {
    let name = lastName
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return "" }
    return name[name.utf8.index(after: dot)...].lowercased()
  }

  /// The path up to the last dot of its name.
  package var withoutEnding: String {
    let name = lastName
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return self }
    return String(self[..<utf8.index(endIndex, offsetBy: -name.utf8.distance(from: dot, to: name.endIndex))])
  }

  /// A file in this folder; another path where `name` is one from the root.
  package func appending(name: String) -> String {
    name.utf8.first == UInt8(ascii: "/") ? name : utf8.last == UInt8(ascii: "/") ? self + name : "\(self)/\(name)"
  }
}
