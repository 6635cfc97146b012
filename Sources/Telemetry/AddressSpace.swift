import CLinux

/// The memory that the shell allows this process (RLIMIT_AS of setrlimit(2); `ulimit -v`). Swift and most libraries end the program when an
/// allocation fails, so that what is needed is compared with what is left before the work begins.
package enum AddressSpace {
  /// Below this an allocation is likely to have failed.
  private static let scarce = 160 << 20

  /// Bytes that are left; nil where there is no limit.
  package static var left: Int? {
    let left = fovea_memory_left()
    return left < 0 ? nil : Int(left)
  }

  /// So little is left that a failure may be for want of memory.
  package static var isScarce: Bool { left.map { $0 < scarce } ?? false }

  /// Once, before anything large is allocated: faults that come of failed allocations end the program with a sentence.
  package static func watch() { fovea_memory_watch(Int64(scarce)) }

  /// Throws where less than so many bytes are left.
  /// - Parameter purpose: "to load model.onnx".
  package static func require(_ bytes: Int, _ purpose: @autoclosure () -> String) throws {
    guard let left, left < bytes else { return }
    let (need, there) = ((bytes >> 20) + 1, left >> 20)
    throw UserError(
      "not enough memory \(purpose()): about \(need) MB are needed, and this shell allows \(there) MB more; "
        + "raise its limit (ulimit -v), or use a smaller model or picture")
  }
}
