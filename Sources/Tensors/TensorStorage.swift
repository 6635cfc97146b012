import Foundation

/// Memory for elements: 64-byte aligned and owned, or a part of a larger owner such as a mapped file.
package final class TensorStorage: @unchecked Sendable {
  // Safety: the bytes are written only by whoever created the storage, before it is shared.

  /// The memory.
  package let bytes: UnsafeMutableRawBufferPointer
  private let origin: Origin

  private enum Origin {
    case allocated
    /// Pages of its own.
    case mapped
    case borrowed(AnyObject)
  }

  /// From here on memory comes as pages of its own: the system hands them out zeroed, when they are first touched.
  private static let mappedAtLeast = 1 << 20

  /// Zeroed memory of its own, 64-byte aligned.
  package init(byteCount: Int) {
    if let pages = Self.pages(byteCount) {
      (bytes, origin) = (pages, .mapped)
    } else {
      bytes = .allocate(byteCount: max(byteCount, 64), alignment: 64)
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      origin = .allocated
    }
  }

  /// A window on memory that `owner` keeps alive and nobody writes.
  package init(borrowing bytes: UnsafeRawBufferPointer, from owner: AnyObject) {
    self.bytes = UnsafeMutableRawBufferPointer(mutating: bytes)
    origin = .borrowed(owner)
  }

  deinit {
    switch origin {
    case .allocated: bytes.deallocate()
    case .mapped: munmap(bytes.baseAddress, bytes.count)
    case .borrowed: break
    }
  }

  /// Pages for so many bytes; nil when few are wanted, or the system has none left to promise.
  private static func pages(_ byteCount: Int) -> UnsafeMutableRawBufferPointer? {
    guard byteCount >= mappedAtLeast,
      let base = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), base != MAP_FAILED
    else { return nil }
    // Large pages where the system has them: fewer faults when the memory is filled, and fewer misses when it is read.
    madvise(base, byteCount, MADV_HUGEPAGE)
    return UnsafeMutableRawBufferPointer(start: base, count: byteCount)
  }
}
