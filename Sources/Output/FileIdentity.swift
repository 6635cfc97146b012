import Foundation
import Telemetry

/// What a name leads to, whatever links are on the way: two names with the same identity are one file.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt64, node: UInt64

  /// The file, pipe or folder behind a name; nil when there is none, and for devices, which keep nothing.
  package init?(_ path: String) {
    var status = stat()
    guard stat(path.fileName, &status) == 0 else { return nil }
    self.init(status)
  }

  /// What an open descriptor leads to, as `init(_:)`.
  package init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  init?(_ status: stat) {
    guard status.st_mode & S_IFMT != S_IFCHR else { return nil }
    (device, node) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }
}
