"""Click logs (`log`), their simulation (`simulate`), a click model (`pbm`) and labels from them (`labels`)."""
