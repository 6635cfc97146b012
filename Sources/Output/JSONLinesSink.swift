import Frames
import Glibc
import Telemetry

/// One JSON object per frame and line (Docs/JSON.md), to a file or, as `-`, to standard output.
package final class JSONLinesSink {
  /// The version of the schema.
  package static let version = 1

  private let file: PartialFile?
  private let writer: ByteFile
  private let constants: [UInt8]
  private var buffer = JSONBuffer()
  private var isEnded = false

  /// Opens the output and says in every line where the frames are from.
  /// - Parameters:
  ///   - source: how the user named the input.
  ///   - model: how the user knows the network.
  ///   - keeping: files that are read and so are not replaced even with `overwrite`.
  package init(
    _ path: String, source: String, width: Int, height: Int, model: String, overwrite: Bool = false,
    keeping: Set<FileIdentity> = []
  ) throws {
    if path == "-" {
      file = nil
      writer = ByteFile(descriptor: STDOUT_FILENO, name: "standard output")
    } else {
      let file = try PartialFile(path, overwrite: overwrite, keeping: keeping)
      try file.create()
      self.file = file
      do { writer = try ByteFile(file.partialPath, name: path) } catch {
        file.discard()
        throw error
      }
    }
    var text = JSONBuffer()
    text.raw(",\"source\":")
    text.string(source)
    text.raw(",\"resolution\":[")
    text.integer(width)
    text.raw(",")
    text.integer(height)
    text.raw("],\"model\":")
    text.string(model)
    constants = text.bytes
  }

  /// Writes the line of one frame, at once.
  package func write(_ report: FrameReport) throws {
    guard !isEnded else { return }
    buffer.clear()
    encode(report)
    try buffer.bytes.withUnsafeBytes { try writer.write($0) }
  }

  /// Gives the file its name; later calls do nothing.
  package func finish() throws {
    guard !isEnded else { return }
    isEnded = true
    do {
      try writer.close()
      try file?.commit()
    } catch {
      file?.discard()
      throw error
    }
  }

  /// Gives up and removes what was written.
  package func abort() {
    guard !isEnded else { return }
    isEnded = true
    file?.discard()
  }

  private func encode(_ saliency: SaliencyReport) {
    buffer.raw(",\"saliency\":{\"method\":")
    buffer.string(saliency.method)
    buffer.raw(",\"layer\":")
    if saliency.layer.isEmpty { buffer.raw("null") } else { buffer.string(saliency.layer) }
    buffer.raw(",\"target\":")
    buffer.string(saliency.target)
    buffer.raw(",\"peak\":[")
    buffer.decimal(saliency.peak.x, places: 1)
    buffer.raw(",")
    buffer.decimal(saliency.peak.y, places: 1)
    buffer.raw("],\"box\":[")
    buffer.decimal(saliency.box.x, places: 1)
    buffer.raw(",")
    buffer.decimal(saliency.box.y, places: 1)
    buffer.raw(",")
    buffer.decimal(saliency.box.width, places: 1)
    buffer.raw(",")
    buffer.decimal(saliency.box.height, places: 1)
    buffer.raw("]}")
  }

  private func encode(_ report: FrameReport) {
    buffer.raw("{\"version\":1,\"frame\":")
    buffer.integer(report.frame)
    buffer.raw(",\"pts\":")
    if let pts = report.pts { buffer.integer(pts) } else { buffer.raw("null") }
    buffer.raw(",\"timestamp\":")
    if let seconds = report.timestamp { buffer.decimal(seconds, places: 6) } else { buffer.raw("null") }
    buffer.raw(constants)
    buffer.raw(",\"top\":[")
    for index in report.top.indices {
      buffer.raw(index == 0 ? "{\"label\":" : ",{\"label\":")
      buffer.string(report.top[index].label)
      buffer.raw(",\"label_id\":")
      buffer.integer(report.top[index].index)
      buffer.raw(",\"confidence\":")
      buffer.decimal(Double(report.top[index].confidence), places: 6)
      buffer.raw("}")
    }
    buffer.raw("],\"analysed\":")
    buffer.raw(report.analysed ? "true" : "false")
    if let saliency = report.saliency { encode(saliency) }
    buffer.raw(",\"timing\":{")
    for index in report.timing.indices {
      if index > 0 { buffer.raw(",") }
      buffer.string(report.timing[index].stage)
      buffer.raw(":")
      buffer.decimal(report.timing[index].milliseconds, places: 3)
    }
    buffer.raw("}}\n")
  }
}
