import Frames
import Tensors
import Telemetry

/// Tapped layers of every frame as NumPy's archive of arrays: for each layer [frames, shape…] in float32 under its
/// ONNX name, beside `pts` and `frame`, both int64 [frames].
package final class ActivationsSink: Sink {
  /// Stands in `pts` where a frame has no time stamp: what NumPy takes for "not a time".
  package static let noTime = Int64.min

  /// The arrays' names in the archive, in the order of the layers.
  package let names: [String]
  private let path: String
  private let file: PartialFile
  private let writer: NpzWriter
  private let layers: [NpzRows]
  private let frames: NpzRows, times: NpzRows
  private var isEnded = false

  /// Opens the output for layers of these ONNX names and shapes; a batch axis of 1 in front is left out.
  /// Files of `keeping` are read and so are not replaced even with `overwrite`.
  package init(
    _ path: String, layers: [(name: String, shape: Shape)], overwrite: Bool = false,
    keeping: Set<FileIdentity> = []
  ) throws {
    self.path = path
    names = Self.names(layers.map(\.name))
    try Self.check(path, overwrite: overwrite, keeping: keeping)
    file = try PartialFile(path, overwrite: overwrite, keeping: keeping)
    try file.create()
    do {
      let writer = try NpzWriter(file.partialPath)
      frames = try writer.rows("frame", .int64, [])
      times = try writer.rows("pts", .int64, [])
      self.layers = try zip(names, layers).map { try writer.rows($0, .float32, Self.rowShape($1.shape)) }
      self.writer = writer
    } catch {
      file.discard()
      throw UserError("cannot write \(path): \(error)".replacing("cannot write \(file.partialPath): ", with: ""))
    }
  }

  /// Throws where the archive may not be written.
  package static func check(_ path: String, overwrite: Bool, keeping: Set<FileIdentity>) throws {
    let file = try PartialFile(path, overwrite: overwrite, keeping: keeping)
    guard !file.isDirect else {
      throw UserError("\(path) is no place for an archive of arrays; name a file such as layers.npz", .usage)
    }
  }

  /// Adds one frame: the values in the order of the layers.
  package func write(frame: UInt64, pts: Int64?, _ values: [TensorView]) throws {
    guard !isEnded else { return }
    precondition(values.count == layers.count, "one value for each layer")
    do {
      try append(Int64(clamping: frame), to: frames)
      try append(pts ?? Self.noTime, to: times)
      for index in layers.indices { try layers[index].append(values[index]) }
    } catch { throw failure(error) }
  }

  package func finish(_ ending: Ending) throws {
    guard !isEnded else { return }
    do {
      try writer.finish()
      try file.commit(ending)
    } catch { throw error is UserError ? error : failure(error) }
    isEnded = true
  }

  /// The frames of which every layer was written stay.
  package func salvage() -> String? {
    guard !isEnded else { return nil }
    isEnded = true
    let complete = layers.map(\.count).min() ?? 0
    do {
      guard complete > 0 else { throw NpyError("no frame is complete") }
      for rows in layers + [frames, times] { try rows.keep(complete) }
      try writer.finish()
    } catch {
      file.discard()
      return nil
    }
    return file.keep()
  }

  package func abort() {
    guard !isEnded else { return }
    isEnded = true
    file.discard()
  }

  /// Says the name that the user gave.
  private func failure(_ error: any Error) -> UserError {
    UserError("\(error)".replacing(file.partialPath, with: path))
  }

  private func append(_ value: Int64, to rows: NpzRows) throws {
    try withUnsafeBytes(of: value.littleEndian) { try rows.append($0) }
  }

  private static func rowShape(_ shape: Shape) -> Shape {
    shape.rank > 1 && shape[0] == 1 ? Shape(Array(shape.dimensions.dropFirst())) : shape
  }

  /// Letters, digits, `.`, `_`, `-` and `+` stay, all else becomes `_`; what is taken gets a number.
  static func names(_ layers: [String]) -> [String] {
    var taken: Set<String> = ["frame", "pts"]
    return layers.map { layer in
      let kept = layer.map { $0.isASCII && ($0.isLetter || $0.isNumber) || "._-+".contains($0) ? $0 : "_" }
      let name = kept.isEmpty ? "layer" : String(kept)
      var unique = name
      var number = 2
      while !taken.insert(unique).inserted {
        unique = "\(name)_\(number)"
        number += 1
      }
      return unique
    }
  }
}
