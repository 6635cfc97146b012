import Frames
import Output
import Pipeline
import Tensors

/// The raw maps of all pictures, [pictures, height, width] for each method, or for each target and method.
final class MapArchive: Sink {
  private let path: String
  private let options: SinkOptions
  private var sink: ActivationsSink?

  /// Throws when the file may not be written. It is made later, when the sizes of the first maps are known.
  init(_ path: String, options: SinkOptions) throws {
    (self.path, self.options) = (path, options)
    try ActivationsSink.check(path, overwrite: options.overwrite, keeping: options.keeping)
  }

  /// Adds the maps of one picture.
  func add(_ blocks: [[Explanation]], targets: [NamedTarget], frame: UInt64, pts: Int64?) throws {
    let sink = try sink ?? make(blocks, targets)
    self.sink = sink
    try sink.write(frame: frame, pts: pts, blocks.flatMap { $0.map(\.raw.view) })
  }

  private func make(_ blocks: [[Explanation]], _ targets: [NamedTarget]) throws -> ActivationsSink {
    let arrays = zip(targets, blocks).flatMap { target, maps in
      maps.map { map in
        let name = blocks.count == 1 ? map.method.name : "\(target.text).\(map.method.name)"
        return (name: name, shape: Shape([1] + map.raw.shape.dimensions))
      }
    }
    return try ActivationsSink(path, layers: arrays, overwrite: options.overwrite, keeping: options.keeping)
  }

  func finish(_ ending: Ending) throws { try sink?.finish(ending) }

  func salvage() -> String? { sink?.salvage() }

  func abort() { sink?.abort() }
}
