import Foundation
import Telemetry
import Tensors

/// Bytes that stay where they are as long as this object lives: a mapped file, or memory.
///
/// A file that another program shortens while it is mapped makes the kernel send SIGBUS on the next access, as with any mapped
/// file; replace model files by renaming a new one over them, never in place.
final class ByteSource: StorageOwner, @unchecked Sendable {
  // Safety: the bytes are never written after `init`.
  let bytes: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// Maps a regular, non-empty file read-only. Throws one sentence that names `path`.
  init(mapping path: String) throws {
    let descriptor = open(path.fileName, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ModelError("cannot open \(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    let count = try Self.size(of: descriptor, at: path)
    guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      throw ModelError("cannot map \(path): \(String(cString: strerror(errno)))")
    }
    bytes = UnsafeRawBufferPointer(start: base, count: count)
    isMapped = true
  }

  init(copying contents: some Collection<UInt8>) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(contents.count, 1), alignment: 64)
    memory.copyBytes(from: contents)
    bytes = UnsafeRawBufferPointer(rebasing: memory[0..<contents.count])
    isMapped = false
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    } else {
      bytes.deallocate()
    }
  }

  /// Copies a range; the pages of a file that have been copied are given back, so that they do not count twice.
  func copy(_ range: Range<Int>, to target: UnsafeMutableRawBufferPointer) {
    let step = 16 << 20
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let part = first..<min(first + step, range.upperBound)
      UnsafeMutableRawBufferPointer(rebasing: target[(first - range.lowerBound)...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[part]))
      forget(part)
    }
  }

  func relinquish(_ part: UnsafeRawBufferPointer) {
    guard let start = part.baseAddress, let base = bytes.baseAddress else { return }
    forget(start - base..<start - base + part.count)
  }

  /// Gives back the whole pages in a range of a mapped file; the system reads them again at the next access.
  private func forget(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let (first, end) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    guard isMapped, first < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.advanced(by: first), end - first, MADV_DONTNEED)
  }

  private static func size(of descriptor: Int32, at path: String) throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw ModelError("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw ModelError("\(path) is a folder; name the .onnx file in it")
    default: throw ModelError("\(path) is not a regular file")
    }
    guard status.st_size > 0 else { throw ModelError("\(path) is empty") }
    return Int(status.st_size)
  }
}
