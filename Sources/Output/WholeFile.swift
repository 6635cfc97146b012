/// Writes a file that appears under its name only when it is complete.
package func writeWholeFile(_ bytes: [UInt8], to path: String) throws {
  let file = try PartialFile(path, overwrite: true)
  try file.create()
  do {
    let writer = try ByteFile(file.partialPath, name: path)
    try bytes.withUnsafeBytes { try writer.write($0) }
    try writer.close()
    try file.commit(.complete)
  } catch {
    file.discard()
    throw error
  }
}
