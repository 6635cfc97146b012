import Foundation
import Telemetry
import Tensors

extension Preparation {
  /// The files of a model on Hugging Face: `preprocessor_config.json` of transformers, or timm's `pretrained_cfg` in `config.json`, and the
  /// names in `id2label`. They lie beside the model, or one folder up where that one is called `onnx`.
  static func huggingFace(beside folder: String) -> Preparation? {
    let folder = folder == "." ? Files.realPath(folder) ?? folder : folder
    let folders = folder.lastName == "onnx" ? [folder, folder.folder] : [folder]
    let config = folders.lazy.compactMap { table("config.json", in: $0) }.first
    let processor = folders.lazy.compactMap { table("preprocessor_config.json", in: $0) }.first
    let timm = config?["pretrained_cfg"] as? [String: Any]
    var found: Preparation
    if let processor, processor["image_mean"] != nil || processor["do_rescale"] != nil || processor["do_resize"] != nil
    {
      found = transformers(processor)
    } else if let timm {
      found = self.timm(timm)
    } else if config?["id2label"] != nil {
      found = Preparation(.beside, "config.json")
    } else {
      return nil
    }
    found.labels = (config?["id2label"] ?? timm?["label_names"] ?? config?["label_names"]).flatMap {
      LabelList.names(in: $0)
    }
    return found
  }

  private static func table(_ name: String, in folder: String) -> [String: Any]? {
    text(name, in: folder).flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) } as? [String: Any]
  }

  // MARK: transformers

  /// As the image processors of transformers do it: resize, cut the centre, rescale, normalise, each where it is not switched off.
  private static func transformers(_ config: [String: Any]) -> Preparation {
    var found = Preparation(.beside, "preprocessor_config.json")
    found.scale = flag(config, "do_rescale") == false ? 1 : number(config["rescale_factor"]) ?? 1 / 255
    let normalises = flag(config, "do_normalize") ?? (config["image_mean"] != nil)
    found.mean = normalises ? numbers(config["image_mean"]) ?? [0] : [0]
    found.std = normalises ? numbers(config["image_std"]) ?? [1] : [1]
    if flag(config, "do_flip_channel_order") == true { found.color = .bgr }
    found.interpolation = resample(config["resample"])
    placeTransformers(&found, config)
    return found
  }

  private static func placeTransformers(_ found: inout Preparation, _ config: [String: Any]) {
    let short = edge(config["size"]), whole = rectangle(config["size"])
    if flag(config, "do_center_crop") == true, let crop = rectangle(config["crop_size"]) ?? whole {
      (found.size, found.fit) = (crop, .crop)
      found.resizeTo = short ?? whole.map { min($0.height, $0.width) } ?? side(config["size"])
    } else if let short, let share = number(config["crop_pct"]), short < 384, share > 0 {
      // ConvNeXT: a margin below 384 pixels, the whole picture from there on.
      (found.size, found.fit, found.resizeTo) = ((short, short), .crop, side(Float(short) / share))
    } else if let short, config["crop_pct"] == nil {
      (found.size, found.fit, found.resizeTo) = ((short, short), .crop, short)
    } else if let whole = whole ?? short.map({ ($0, $0) }) {
      (found.size, found.fit) = (whole, .squash)
    }
  }

  // MARK: timm

  /// As timm's `create_transform` for evaluation: the shorter side to ⌊size / crop_pct⌋, then the centre.
  private static func timm(_ config: [String: Any]) -> Preparation {
    var found = Preparation(.beside, "config.json (timm)")
    found.scale = 1 / 255
    (found.mean, found.std) = (numbers(config["mean"]), numbers(config["std"]))
    switch config["interpolation"] as? String {
    case "bicubic": found.interpolation = .bicubic
    case "lanczos": found.interpolation = .lanczos
    default: found.interpolation = .bilinear
    }
    guard let extents = numbers(config["input_size"]), extents.count == 3, let height = side(extents[1]),
      let width = side(extents[2])
    else { return found }
    found.size = (height, width)
    let share = number(config["crop_pct"]) ?? 0.875
    if config["crop_mode"] as? String == "squash", share == 1 {
      found.fit = .squash
    } else {
      (found.fit, found.resizeTo) = (.crop, share > 0 ? side(Float(min(height, width)) / share) : nil)
    }
    return found
  }

  // MARK: values

  private static func flag(_ config: [String: Any], _ key: String) -> Bool? { config[key] as? Bool }

  private static func number(_ value: Any?) -> Float? {
    (value as? Double).map { Float($0) }.flatMap { $0.isFinite ? $0 : nil }
  }

  private static func numbers(_ value: Any?) -> [Float]? {
    if let number = number(value) { return [number] }
    guard let list = value as? [Any] else { return nil }
    let numbers = list.compactMap { number($0) }
    return numbers.count == list.count && !numbers.isEmpty ? numbers : nil
  }

  private static func side(_ value: Float) -> Int? { value >= 1 && value <= 16384 ? Int(value + 1e-4) : nil }
  private static func side(_ value: Any?) -> Int? { number(value).flatMap { side($0) } }

  /// The shorter side of `{"shortest_edge": 256}`.
  private static func edge(_ value: Any?) -> Int? { (value as? [String: Any]).flatMap { side($0["shortest_edge"]) } }

  /// `224`, or `{"height": 224, "width": 224}`.
  private static func rectangle(_ value: Any?) -> (height: Int, width: Int)? {
    if let side = side(value) { return (side, side) }
    guard let table = value as? [String: Any], let height = side(table["height"]), let width = side(table["width"])
    else { return nil }
    return (height, width)
  }

  /// Pillow's numbers of its filters.
  private static func resample(_ value: Any?) -> Interpolation? {
    switch side(value) {
    case 1: .lanczos
    case 2: .bilinear
    case 3: .bicubic
    default: nil
    }
  }
}
