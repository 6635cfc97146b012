import Foundation

/// The owner of memory that tensors borrow.
package protocol StorageOwner: AnyObject {
  /// The bytes, which belong to the owner, will hardly be read again: what they occupy may be given back, as long as a later reader
  /// finds the same contents.
  func relinquish(_ bytes: UnsafeRawBufferPointer)
}

/// Memory for elements: 64-byte aligned and owned, or a part of a larger owner such as a mapped file.
package final class TensorStorage: @unchecked Sendable {
  // Safety: the bytes are written only by the code that made the storage, before it is shared.

  package let bytes: UnsafeMutableRawBufferPointer
  private let origin: Origin

  private enum Origin {
    case allocated
    /// Pages of its own.
    case mapped
    case borrowed(any StorageOwner)
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

  /// A part of memory that `owner` keeps alive, and that is not written.
  package init(borrowing bytes: UnsafeRawBufferPointer, from owner: any StorageOwner) {
    self.bytes = UnsafeMutableRawBufferPointer(mutating: bytes)
    origin = .borrowed(owner)
  }

  /// The elements have been copied elsewhere and will hardly be read again. Pages of a file are given back to the system, which
  /// reads them again at the next access; memory of its own stays.
  package func relinquish() {
    if case .borrowed(let owner) = origin { owner.relinquish(UnsafeRawBufferPointer(bytes)) }
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
