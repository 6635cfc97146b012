/// libFuzzer's entry. Everything that throws is fine; traps, leaks, hangs and bad accesses are what is looked for.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzONNX(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = UnsafeBufferPointer(start: data, count: data == nil ? 0 : size)
  do { try exercise(bytes) } catch { precondition(!"\(error)".isEmpty) }
  return 0
}
